import type { Built, BuiltContainer, BuiltServer } from "./built";
import { durationOf } from "./credentials";
import { html, trusted, type Html } from "./html";
import {
  COLUMNS,
  KEYS_LINE,
  layOut,
  ROW,
  WIDTH,
  type Band,
  type FolderRow,
  type IdentityBox,
  type Layout,
  type Line,
  type ProjectBox,
} from "./picture-layout";

/** The stack as a picture: what serves the API, what is in it, and who may read or write what. */
export function pictureOf(built: Built): Html {
  const server = drawServer(built);
  const layout = layOut(built, server.height);
  const right = COLUMNS.server.x + COLUMNS.server.width - (built.server.kind === "docker" ? 16 : 0);
  return html`<svg
    class="picture"
    viewBox="0 0 ${WIDTH} ${layout.height}"
    role="img"
    aria-labelledby="picture-title picture-words"
  >
    <title id="picture-title">The stack</title>
    <desc id="picture-words">${inWords(built)}</desc>
    <defs>
      ${["read", "write"].map(
        (kind) =>
          html`<marker
            id="to-${kind}"
            class="head ${kind}"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
            ><path d="M0 0.6 L7.4 4 L0 7.4 z"
          /></marker>`,
      )}
    </defs>
    ${heading(COLUMNS.server.x, "what serves the API")} ${heading(COLUMNS.projects.x, "what is in it")}
    ${heading(COLUMNS.identities.x, "who may read or write it")}
    <path class="tie" d="M${right} ${layout.serverY + server.tieY} H${COLUMNS.projects.x}" />
    <g transform="translate(${COLUMNS.server.x} ${layout.serverY})">${server.drawing}</g>
    ${layout.projects.map(drawProject)} ${drawLines(layout)} ${layout.identities.map(drawIdentity)}
  </svg>`;
}

function inWords({ server, projects, identities }: Built): string {
  const folders = projects.flatMap(({ environments }) => environments.flatMap((environment) => environment.folders));
  const what = {
    docker: "Infisical in Docker",
    sandbox: "the sandbox, which is not Infisical",
    external: "an Infisical",
  };
  const counts = `${projects.length} projects, ${folders.length} folders, ${identities.length} identities`;
  return `${what[server.kind]} with ${counts}; the table below says who may do what.`;
}

function heading(x: number, text: string): Html {
  return html`<text class="heading" x="${x}" y="22">${text}</text>`;
}

interface Drawing {
  drawing: Html;
  height: number;
  /** Where its line to the projects begins. */
  tieY: number;
}

function drawServer({ server, url }: Built): Drawing {
  switch (server.kind) {
    case "docker":
      return drawDocker(server);
    case "sandbox":
      return drawBox("Sandbox, not Infisical", [
        ["address", `127.0.0.1:${server.port}`],
        ["runs as", "a process of this machine"],
        ["data in", server.folder],
      ]);
    case "external":
      return drawBox("Infisical that exists already", [
        ["address", url],
        ["made by", "somebody else; it stays"],
      ]);
  }
}

function drawBox(title: string, facts: [name: string, value: string][]): Drawing {
  const { width } = COLUMNS.server;
  const height = 62 + facts.length * 26;
  return {
    height,
    tieY: 40,
    drawing: html`<rect class="box server" width="${width}" height="${height}" rx="12" />
      <text class="title" x="20" y="36">${title}</text>
      ${facts.map(
        ([name, value], index) =>
          html`<text class="small" x="20" y="${66 + index * 26}">${name}</text>
            <text class="mono" x="92" y="${66 + index * 26}">${cut(value, 29)}</text>`,
      )}`,
  };
}

/** From top to bottom; any other comes last. */
const ROLES = ["infisical", "postgres", "redis"];
const FIRST_CARD = 68;
const CARD = 84;
const CARD_GAP = 18;

function drawDocker({ network, containers, durable }: Extract<BuiltServer, { kind: "docker" }>): Drawing {
  const { width } = COLUMNS.server;
  const rank = ({ role }: BuiltContainer): number => [...ROLES, role].indexOf(role);
  const sorted = [...containers].sort((a, b) => rank(a) - rank(b));
  const height = FIRST_CARD + sorted.length * (CARD + CARD_GAP);
  return {
    height,
    tieY: FIRST_CARD + CARD / 2,
    drawing: html`<rect class="box network" width="${width}" height="${height}" rx="12" />
      <text class="title" x="20" y="32">Docker network</text>
      <text class="mono" x="20" y="52">${cut(network, 38)}</text>
      ${durable ? html`<text class="badge" x="${width - 20}" y="32" text-anchor="end">durable</text>` : undefined}
      ${drawTies(sorted.length - 1)}
      ${sorted.map((container, index) => drawContainer(container, FIRST_CARD + index * (CARD + CARD_GAP)))}`,
  };
}

/** From the server, which is on top, along the left side to each of the others. */
function drawTies(others: number): Html[] {
  const from = FIRST_CARD + CARD / 2;
  return Array.from({ length: others }, (_, index) => {
    const to = from + (index + 1) * (CARD + CARD_GAP);
    return html`<path class="tie" d="M16 ${from} H8 V${to} H16" />`;
  });
}

function drawContainer({ role, image, published, volume, memory }: BuiltContainer, y: number): Html {
  const width = COLUMNS.server.width - 32;
  const limit = memory === undefined ? "" : `${memory >= 1024 ? `${memory / 1024} GiB` : `${memory} MiB`} at most`;
  const port =
    published === undefined
      ? html`<text class="small" x="16" y="70">no port published</text>`
      : html`<text class="mono strong" x="16" y="70">${published}</text>`;
  return html`<g transform="translate(16 ${y})">
    <rect class="card ${role}" width="${width}" height="${CARD}" rx="9" />
    <text class="title" x="16" y="27">${TITLES[role] ?? role}</text>
    <text class="small" x="${width - 14}" y="27" text-anchor="end">${limit}</text>
    <text class="mono" x="16" y="49">${cut(image, 36)}</text>
    ${port} ${volume === undefined ? undefined : drawVolume(width - 76, volume)}
  </g>`;
}

const TITLES: { [role: string]: string } = { infisical: "Infisical", postgres: "Postgres", redis: "Redis" };

function drawVolume(x: number, name: string): Html {
  return html`<g transform="translate(${x} 54)">
    <title>${name}</title>
    <path class="volume" d="M0 4 a8 3.4 0 0 1 16 0 v12 a8 3.4 0 0 1 -16 0 z M0 4 a8 3.4 0 0 0 16 0" />
    <text class="small" x="22" y="15">volume</text>
  </g>`;
}

function drawProject({ y, height, slug, bands }: ProjectBox): Html {
  const { x, width } = COLUMNS.projects;
  return html`<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="12" />
    <text class="title" x="${x + 16}" y="${y + 26}">${cut(slug, 34)}</text>
    <text class="small" x="${x + width - 16}" y="${y + 26}" text-anchor="end">project</text>
    ${bands.map(drawBand)}`;
}

function drawBand({ y, height, slug, name, rows }: Band): Html {
  const x = COLUMNS.projects.x + 12;
  const width = COLUMNS.projects.width - 24;
  return html`<rect class="band" x="${x}" y="${y}" width="${width}" height="${height}" rx="8" />
    <text class="label" x="${x + 12}" y="${y + 20}">${slug}<tspan class="small" dx="8">${name}</tspan></text>
    ${
      rows.length > 0
        ? undefined
        : html`<text class="small" x="${x + width - 12}" y="${y + 20}" text-anchor="end">nothing yet</text>`
    }
    ${rows.map(drawFolder)}`;
}

function drawFolder({ y, height, path, keys, keyLines }: FolderRow): Html {
  const x = COLUMNS.projects.x + 20;
  const width = COLUMNS.projects.width - 40;
  return html`<g>
    <title>${keys.length === 0 ? "no keys of this stack" : keys.join(", ")}</title>
    <rect class="folder" x="${x}" y="${y}" width="${width}" height="${height}" rx="6" />
    <text class="mono" x="${x + 10}" y="${y + 18}">${cut(path, 30)}</text>
    <text class="small" x="${x + width - 10}" y="${y + 18}" text-anchor="end">${counted(keys.length, "key")}</text>
    ${keyLines.map((line, at) => html`<text class="keys" x="${x + 10}" y="${y + 34 + at * KEYS_LINE}">${line}</text>`)}
  </g>`;
}

function drawIdentity({ y, height, identity, rows }: IdentityBox): Html {
  const { x, width } = COLUMNS.identities;
  const { tokenTtl } = identity;
  const life = tokenTtl === undefined ? "machine identity" : `its tokens live ${durationOf(tokenTtl)}`;
  return html`<rect class="box identity" x="${x}" y="${y}" width="${width}" height="${height}" rx="12" />
    <text class="title" x="${x + 16}" y="${y + 26}">${cut(identity.name, 28)}</text>
    <text class="small" x="${x + 16}" y="${y + 45}">${life}</text>
    ${rows.length > 0 ? undefined : html`<text class="small" x="${x + 16}" y="${y + 76}">may read nothing</text>`}
    ${rows.map(({ y: top, grant }) => {
      const writes = grant.actions.includes("write");
      return html`<circle class="dot ${writes ? "write" : "read"}" cx="${x}" cy="${top + ROW / 2}" r="4.5" />
        <text class="label ${writes ? "write" : "read"}" x="${x + 16}" y="${top + 19}"
          >${grant.actions.join(", ")}</text
        >
        <text class="mono" x="${x + width - 14}" y="${top + 19}" text-anchor="end">${cut(placeOf(grant), 24)}</text>`;
    })}`;
}

function placeOf({ environment, path, until }: Line["grant"]): string {
  return `${environment}:${path}${until === undefined ? "" : " *"}`;
}

/** From the grants of the identities to the folders that they open. */
function drawLines({ lines }: Layout): Html[] {
  const from = COLUMNS.identities.x - 5;
  const to = COLUMNS.projects.x + COLUMNS.projects.width - 18;
  return lines.map(({ fromY, toY, grant }) => {
    const kind = grant.actions.includes("write") ? "write" : "read";
    const bend = (from - to) / 2;
    const dashed = grant.until === undefined ? "" : " until";
    return html`<path
      class="grant ${kind}${trusted(dashed)}"
      marker-end="url(#to-${kind})"
      d="M${from} ${fromY} C${from - bend} ${fromY} ${to + bend} ${toY} ${to} ${toY}"
      ><title>
        ${grant.actions.join(", ")}
        ${grant.environment}:${grant.path}${grant.until === undefined ? "" : `, until ${grant.until}`}
      </title></path
    >`;
  });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
