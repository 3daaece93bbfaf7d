import { SECRET_ACTIONS } from "../core/access-matrix";
import { describeVerdict, isSurprise, type Verdict } from "../core/verdicts";
import { html, type Html } from "./html";

/** What was asked of the server, or why it was not. */
export type Asked = { verdicts: Verdict[]; notRun: string[] } | { reason: string };

/** Identities whose tables are open from the start; of more, only those with surprises. */
const OPEN_AT_MOST = 3;

/** Who may do what, as both SDKs found it on the server. */
export function accessTables(asked: Asked): Html {
  if ("reason" in asked) return html`<p class="none">Not asked: ${asked.reason}</p>`;
  const { verdicts, notRun } = asked;
  const surprises = verdicts.filter(isSurprise);
  const names = [...new Set(verdicts.map(({ identity }) => identity))];
  return html`${surprises.length === 0 ? undefined : surpriseList(surprises)}
    ${notRun.map((reason) => html`<p class="hint">Not run: ${reason}</p>`)}
    ${names.map((name) => {
      const own = verdicts.filter(({ identity }) => identity === name);
      return identityTable(name, own, names.length <= OPEN_AT_MOST || own.some(isSurprise));
    })}
    <p class="legend">
      <span class="cell allowed">✓</span> allowed <span class="cell denied">–</span> refused
      <span class="cell surprise">!</span> not as the blueprint says <span class="cell empty">·</span> tells nothing: a
      list of a place that may not be read is empty
      <span class="hint">Secrets were tried with every SDK that is named, management with the Node SDK.</span>
    </p>`;
}

function surpriseList(surprises: Verdict[]): Html {
  return html`<ul class="surprises">
    ${surprises.map((one) => html`<li>${describeVerdict(one)}</li>`)}
  </ul>`;
}

function identityTable(name: string, own: Verdict[], open: boolean): Html {
  const sdks = [...new Set(own.map(({ sdk }) => sdk))].sort().map((sdk) => (sdk === "node" ? "Node" : "Python"));
  const onSecrets = own.filter(({ action }) => SECRET_ACTIONS.includes(action));
  const managing = own.filter(({ action }) => !SECRET_ACTIONS.includes(action));
  return html`<details ${open ? "open" : ""}>
    <summary>
      <b>${name}</b>
      <span class="hint">${own.length} cells, ${sdks.join(" and ")} SDK${sdks.length === 1 ? "" : "s"}</span>
    </summary>
    <div class="scroll">
      <table class="access">
        <thead>
          <tr>
            <th scope="col">folder</th>
            ${SECRET_ACTIONS.map((action) => html`<th scope="col">${action}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${placesOf(onSecrets).map(([place, cells]) => placeRow(place, cells))}
        </tbody>
      </table>
    </div>
    ${managing.length === 0 ? undefined : managementLine(managing)}
  </details>`;
}

function placesOf(cells: Verdict[]): [place: string, cells: Verdict[]][] {
  const several = new Set(cells.map(({ project }) => project)).size > 1;
  const groups = new Map<string, Verdict[]>();
  for (const cell of cells) {
    const place = `${several ? `${cell.project} ` : ""}${cell.environment}:${cell.path}`;
    groups.set(place, [...(groups.get(place) ?? []), cell]);
  }
  return [...groups];
}

function placeRow(place: string, cells: Verdict[]): Html {
  return html`<tr>
    <th scope="row"><code>${place}</code></th>
    ${SECRET_ACTIONS.map((action) => html`<td>${verdictCell(cells.filter((cell) => cell.action === action))}</td>`)}
  </tr>`;
}

function managementLine(cells: Verdict[]): Html {
  const actions = [...new Set(cells.map(({ action }) => action))];
  return html`<p class="managing">
    ${actions.map((action) => {
      const own = cells.filter((cell) => cell.action === action);
      return html`<span class="chip">${action} ${verdictCell(own)}</span>`;
    })}
  </p>`;
}

/** What every SDK, and for management every project, agreed on. */
function verdictCell(cells: Verdict[]): Html {
  const [first] = cells;
  if (first === undefined) return html`<span class="cell empty" title="an empty folder: a list says nothing">·</span>`;
  const words = cells.map((cell) => `${cell.sdk}: ${cell.seen}`).join(", ");
  if (cells.some(isSurprise)) return html`<span class="cell surprise" title="${words}" aria-label="${words}">!</span>`;
  const sign = first.seen === "allowed" ? "✓" : "–";
  return html`<span class="cell ${first.seen}" title="${words}" aria-label="${words}">${sign}</span>`;
}
