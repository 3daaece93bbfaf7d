import type { RunRecord } from "../core/run-record";
import type { Span } from "../core/timeline";
import { html, type Html } from "./html";
import { shortTime } from "./credentials";

/** The last `up`: what was done when. */
export function timelineChart(run: RunRecord | undefined, spans: Span[]): Html {
  if (run === undefined) return html`<p class="none">No <code>up</code> was noted on this machine yet.</p>`;
  const whole = secondsBetween(run.started, run.ended);
  const did = spans.reduce((count, { marks }) => count + marks.length, 0);
  const said = `${shortTime(run.started)}, ${whole.toFixed(1)} s, ${run.finished ? "to its end" : "it did not get to its end"}; ${
    did === 0 ? "nothing had to be made or changed" : `${did} resources made, changed or found changed`
  }.`;
  return html`<p>${said}</p>
    ${did === 0 ? undefined : chart(spans, whole)}
    <ol class="steps">
      ${run.phases.map(({ name, seconds }) => html`<li><span>${name}</span><b>${seconds.toFixed(1)} s</b></li>`)}
    </ol>`;
}

function chart(spans: Span[], whole: number): Html {
  const share = (seconds: number): string => `${Math.min(100, (seconds / whole) * 100).toFixed(2)}%`;
  const changed = spans.some(({ marks }) => marks.some(({ act }) => act === "changed"));
  return html`<div class="timeline">
      ${spans.map(
        ({ name, from, to, marks }) =>
          html`<div class="lane">
            <span class="name">${name}</span>
            <span class="track">
              <i class="bar" style="left:${share(from)};width:${share(to - from)}"></i>
              ${marks.map(
                ({ name: resource, act, at }) =>
                  html`<i
                    class="mark ${act}"
                    style="left:${share(at)}"
                    title="${resource}: ${act} at ${at.toFixed(1)} s"
                  ></i>`,
              )}
            </span>
            <span class="figure">${(to - from).toFixed(1)} s</span>
          </div>`,
      )}
      <div class="lane axis">
        <span></span>
        <span class="track">
          ${ticks(whole).map((second) => html`<i class="tick" style="left:${share(second)}"><b>${second} s</b></i>`)}
        </span>
        <span></span>
      </div>
    </div>
    <p class="hint">
      A dot is a resource that was done${changed ? ": blue is made, brown is changed or found changed" : undefined}. A
      bar begins when everything that the phase waits for was done: the engine does not note when it began.
    </p>`;
}

/** About five round numbers from 0. */
function ticks(whole: number): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((size) => whole / size <= 6) ?? 1_800;
  return Array.from({ length: Math.floor(whole / step) + 1 }, (_, index) => index * step);
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0.1, (Date.parse(to) - Date.parse(from)) / 1_000);
}
