// One output and no resource: what Pulumi itself costs on this machine.
export const nothing = "nothing";
