import { stackOption } from "../core/pulumi";
import type { RunRecord } from "../core/run-record";
import type { Span } from "../core/timeline";
import { isSurprise } from "../core/verdicts";
import { accessTables, type Asked } from "./access-table";
import type { Built } from "./built";
import { durationOf, shortTime, type Credential } from "./credentials";
import { html, trusted, type Html } from "./html";
import { pictureOf } from "./picture";
import { STYLE } from "./style";
import { timelineChart } from "./timeline-chart";

/** Everything that the page tells. None of it is secret. */
export interface Report {
  stack: string;
  /** ISO time. */
  madeAt: string;
  resources: number;
  built: Built;
  run: RunRecord | undefined;
  spans: Span[];
  asked: Asked;
  credentials: Credential[];
}

/** One HTML file that needs no other: no script, nothing loaded. */
export function pageOf(report: Report): string {
  const { stack, built, run, spans, asked } = report;
  const body = html`<main>
    ${headOf(report)}
    ${section(
      "The stack",
      html`<p>Names and numbers only: the values of the keys are in Infisical and nowhere here.</p>`,
      html`<div class="scroll">${pictureOf(built)}</div>`,
      legendOf(built),
    )}
    ${section("The last up", timelineChart(run, spans))}
    ${section("Who may do what", html`<p>${accessIntroduction(asked)}</p>`, accessTables(asked))}
    ${section("Credentials and their ages", credentialTable(report))} ${footOf(report)}
  </main>`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <title>Infisical stack ${stack}</title>
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `;
  return page.text.replace(/^\s+/gm, "");
}

function section(title: string, ...content: Html[]): Html {
  return html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;
}

const SERVES = {
  docker: "Infisical in Docker,",
  sandbox: "The sandbox, not Infisical,",
  external: "An Infisical that exists already,",
};

function headOf({ stack, madeAt, built, resources, asked, credentials, run }: Report): Html {
  const due = credentials.filter(({ state }) => state === "due").length;
  return html`<header>
      <h1>Stack ${stack}</h1>
      <p>${SERVES[built.server.kind]} at <code>${built.url}</code>, seen at ${shortTime(madeAt)}</p>
    </header>
    <ul class="figures">
      <li><b>${resources}</b><span>resources in the state</span></li>
      ${accessFigure(asked)} ${runFigure(run)}
      <li class="${due === 0 ? "good" : "bad"}">
        <b>${due === 0 ? "none due" : `${due} due`}</b><span>of ${credentials.length} credentials</span>
      </li>
    </ul>
    ${built.notices.length === 0 ? undefined : noticeList(built.notices)}`;
}

function noticeList(notices: string[]): Html {
  return html`<ul class="notices">
    ${notices.map((notice) => html`<li>${notice}</li>`)}
  </ul>`;
}

function accessFigure(asked: Asked): Html {
  if ("reason" in asked) return html`<li class="wait"><b>not asked</b><span>who may do what</span></li>`;
  const surprises = asked.verdicts.filter(isSurprise).length;
  const said = `${surprises} surprise${surprises === 1 ? "" : "s"}`;
  return html`<li class="${surprises === 0 ? "good" : "bad"}">
    <b>${said}</b><span>in ${asked.verdicts.length} tries of what identities may do</span>
  </li>`;
}

function runFigure(run: RunRecord | undefined): Html {
  if (run === undefined) return html`<li class="wait"><b>unknown</b><span>last up</span></li>`;
  const seconds = (Date.parse(run.ended) - Date.parse(run.started)) / 1_000;
  return html`<li class="${run.finished ? "" : "bad"}">
    <b>${seconds.toFixed(1)} s</b><span>last up${run.finished ? "" : ", not finished"}</span>
  </li>`;
}

function legendOf({ identities }: Built): Html {
  const temporary = identities.some(({ grants }) => grants.some(({ until }) => until !== undefined));
  return html`<p class="hint">
    An arrow goes from an identity to a folder that it may use: blue to read, brown to write too.
    ${temporary ? "A dashed one, marked *, ends by itself." : undefined} Whatever has no arrow is refused.
  </p>`;
}

function accessIntroduction(asked: Asked): string {
  if ("reason" in asked) return "What the identities may do was not tried this time.";
  return "Each identity logged in on the server and tried everything, what it may not do included. Nothing was changed.";
}

function credentialTable({ credentials, madeAt, stack }: Report): Html {
  if (credentials.length === 0) return html`<p class="none">The stack made none.</p>`;
  const STATES = { good: "in use", due: "due", retiring: "going" };
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${["credential", "of", "age", "expires", "changed by", ""].map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${credentials.map(
          ({ what, of, made, lives, change, state }) =>
            html`<tr>
              <th scope="row">${what}</th>
              <td>${of}</td>
              <td class="number">${made === "" ? "" : ageAndDate(made, madeAt)}</td>
              <td>${lives}</td>
              <td>${change.startsWith("npm ") ? html`<code>${change}${stackOption(stack)}</code>` : change}</td>
              <td><span class="state ${state}">${STATES[state]}</span></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function ageAndDate(made: string, now: string): Html {
  const age = durationOf(Math.max(0, (Date.parse(now) - Date.parse(made)) / 1_000));
  return html`${age}<span class="made">${shortTime(made)}</span>`;
}

function footOf({ stack, run }: Report): Html {
  const standIns = run?.standIns ?? [];
  const parts =
    standIns.length === 0
      ? undefined
      : html` The last up used stand-ins, not Pulumi's own plugins, for ${standIns.join(", ")}.`;
  return html`<footer>
    Made by <code>npm run report -- --stack ${stack}</code>. The page holds no secret; it does name the stack's
    projects, folders, keys and identities.${parts}
  </footer>`;
}
