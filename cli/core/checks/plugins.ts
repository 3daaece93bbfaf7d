import type { Finding, Patient } from "./patient";

/** The Pulumi CLI and its plugins, and which of them are stand-ins. */
export async function checkPlugins({ workspace, target }: Patient): Promise<Finding[]> {
  return Object.entries(workspace.tools.parts).map(([name, { version = "unknown version", from }]): Finding => {
    const check = name === "pulumi" ? "Pulumi CLI" : `plugin ${name}`;
    if (from !== "stand-in") return { check, status: "ok", seen: version };
    const seen = `${version}, a stand-in`;
    // The sandbox is for trying things out, and so are they.
    if (target === "sandbox") return { check, status: "ok", seen };
    const remedy = name === "language-nodejs" ? "install the Pulumi CLI, it comes with it" : installed(name, version);
    if (workspace.standIns.includes(name)) return { check, status: "warn", seen, remedy };
    return { check, status: "bad", seen: `${seen}, which \`up\` refuses here`, remedy };
  });
}

function installed(name: string, version: string): string {
  return `pulumi plugin install resource ${name} ${version}`;
}
