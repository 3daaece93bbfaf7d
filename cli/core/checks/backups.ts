import { readDrill } from "../backup/drill-note";
import { archivesIn, defaultShelf } from "../backup/shelf";
import { settingOf } from "../settings";
import { age, daysSince, type Finding, type Patient } from "./patient";

/** Days. */
const [BACKUP_OLD, DRILL_OLD] = [7, 60];

/** Age of the newest backup in the usual folder, and of the last drill. */
export async function checkBackups({ workspace, target }: Patient): Promise<Finding[]> {
  if (target === "external") return [];
  const { stack } = workspace;
  const [newest] = archivesIn(defaultShelf(stack), stack);
  const status = settingOf(workspace, "server.durable") ? "bad" : "warn";
  const remedy = `npm run backup -- --stack ${stack} (docs/backup.md has a schedule)`;
  if (newest === undefined) return [{ check: "backup", status, seen: `none in ${defaultShelf(stack)}`, remedy }];
  const seen = `${age(newest.at)} old`;
  const backup: Finding =
    daysSince(newest.at) < BACKUP_OLD
      ? { check: "backup", status: "ok", seen }
      : { check: "backup", status, seen, remedy };
  return [backup, drillOf(stack)];
}

function drillOf(stack: string): Finding {
  const check = "drill";
  const last = readDrill(stack);
  const remedy = `npm run drill -- --stack ${stack}`;
  if (last === undefined) return { check, status: "warn", seen: "no backup was ever restored on this machine", remedy };
  const seen = `${age(new Date(last.at))} ago, ${last.secrets} secrets read back in ${last.seconds.total} s`;
  return daysSince(new Date(last.at)) < DRILL_OLD
    ? { check, status: "ok", seen }
    : { check, status: "warn", seen, remedy };
}
