/**
 * Names a security finding on the screen of the run that came upon it: somebody has made more possible than the program
 * allows. What a provider writes to stderr appears among the run's diagnostics; a finding must not wait until somebody
 * looks into the outputs, and `up` puts it right in the same run. Never hand it a secret.
 */
export function tellFinding(finding: string): void {
  console.error(`security finding: ${finding}`);
}
