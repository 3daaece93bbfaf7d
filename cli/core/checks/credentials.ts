import { bringUp } from "../bring-up";
import { credentialsOf, type Credential } from "../credentials";
import { upCommand } from "../pulumi";
import { age, daysSince, type Finding, type Patient } from "./patient";

/** Days after which a client secret should have been exchanged. */
const OLD = 90;

/** Ages of the applications' client secrets, and old ones that are due to be revoked. */
export async function checkCredentials({ workspace }: Patient): Promise<Finding[]> {
  const credentials = [...(await credentialsOf(workspace)).values()];
  const { stack } = workspace;
  const due = credentials.flatMap((one) => dueIn(one, stack));
  const fix = async (): Promise<string> => {
    await bringUp(workspace);
    return "client secrets that were due are revoked";
  };
  // One `up` does it for all of them.
  return [
    ...credentials.map((one) => ageOf(one, stack)),
    ...due.map((one, index) => (index === 0 ? { ...one, fix } : one)),
  ];
}

function ageOf({ identity, createdAt, generation, complete }: Credential, stack: string): Finding {
  const check = `client secret of ${identity}`;
  const seen = `generation ${generation}, ${age(new Date(createdAt))} old`;
  if (!complete) {
    return { check, status: "bad", seen: `${seen}, half made`, remedy: `${upCommand(stack)}, which goes on with it` };
  }
  if (daysSince(new Date(createdAt)) < OLD) return { check, status: "ok", seen };
  return { check, status: "warn", seen, remedy: `npm run rotate -- --stack ${stack} ${identity}` };
}

function dueIn({ identity, retiring }: Credential, stack: string): Finding[] {
  const due = retiring.filter(({ until }) => new Date(until).getTime() < Date.now());
  return due.map(({ generation }) => ({
    check: `client secret of ${identity}`,
    status: "bad",
    seen: `generation ${generation} is over its grace, and still good`,
    remedy: `${upCommand(stack)}, which revokes it`,
  }));
}
