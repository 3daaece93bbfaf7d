/** A JUnit report, which CI systems show as tests. */
export function junitOf(suite: string, cases: { name: string; failure?: string }[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const lines = cases.map(({ name, failure }) => {
    const open = `  <testcase classname="${suite}" name="${escaped(name)}"`;
    return failure === undefined ? `${open}/>` : `${open}><failure message="${escaped(failure)}"/></testcase>`;
  });
  const head = `<testsuite name="${suite}" tests="${cases.length}" failures="${failures}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...lines, "</testsuite>", ""].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
