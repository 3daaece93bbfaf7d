/** The page's own style sheet: nothing is loaded from anywhere. Light or dark as the reader's system says. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --paper: #ffffff; --soft: #eef1f5; --line: #d5dbe3;
  --ink: #17202b; --quiet: #5b6776;
  --read: #1f6feb; --write: #b45309; --good: #15803d; --bad: #b91c1c; --wait: #a16207;
  --read-soft: #e3edfd; --good-soft: #dff3e5; --bad-soft: #fbe3e3; --wait-soft: #fbf0d5; --write-soft: #fbead8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f141a; --paper: #171e26; --soft: #202a35; --line: #313d4b;
    --ink: #e8edf3; --quiet: #9aa8b8;
    --read: #6ea8fe; --write: #f0a04b; --good: #5fcf80; --bad: #ff8080; --wait: #e5b84a;
    --read-soft: #1b2f4d; --good-soft: #173524; --bad-soft: #47201f; --wait-soft: #3d3213; --write-soft: #41290f;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 36px 24px 64px; }
code, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: 0.92em; }
a { color: var(--read); }
header h1 { margin: 0; font-size: 28px; line-height: 1.2; letter-spacing: -0.01em; }
header p { margin: 6px 0 0; color: var(--quiet); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 24px 0 8px; padding: 0; list-style: none; }
.figures li { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; }
.figures b { display: block; font-size: 22px; line-height: 1.25; }
.figures span { color: var(--quiet); font-size: 13px; }
.figures .good b { color: var(--good); } .figures .bad b { color: var(--bad); } .figures .wait b { color: var(--wait); }
.notices { margin: 16px 0 0; padding: 0; list-style: none; }
.notices li { background: var(--wait-soft); border-left: 4px solid var(--wait); border-radius: 6px; padding: 8px 14px; margin-top: 8px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 16px; padding: 22px 24px 24px; margin-top: 24px; }
section h2 { margin: 0 0 4px; font-size: 18px; }
section > p:first-of-type { margin: 0 0 16px; color: var(--quiet); }
section > :last-child { margin-bottom: 0; }
.hint, .none { color: var(--quiet); font-size: 13.5px; }
.scroll { overflow-x: auto; }
.picture { display: block; width: 100%; min-width: 860px; height: auto; font: 14px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
.picture text { fill: var(--ink); }
.picture .heading { fill: var(--quiet); font-size: 13px; }
.picture .title { font-weight: 650; font-size: 15px; }
.picture .label { font-weight: 600; font-size: 13px; }
.picture .small { fill: var(--quiet); font-size: 12.5px; font-weight: 400; }
.picture .mono { font-size: 12px; }
.picture .keys { fill: var(--quiet); font-size: 10.5px; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.picture .strong { fill: var(--read); font-weight: 700; }
.picture .badge { fill: var(--good); font-weight: 650; font-size: 13px; }
.picture .box { fill: var(--paper); stroke: var(--line); stroke-width: 1.5; }
.picture .network { fill: var(--soft); stroke-dasharray: 6 4; }
.picture .server { fill: var(--soft); }
.picture .card { fill: var(--paper); stroke: var(--line); stroke-width: 1.5; }
.picture .card.infisical { stroke: var(--read); }
.picture .identity { stroke: var(--read); }
.picture .band { fill: var(--soft); }
.picture .folder { fill: var(--paper); stroke: var(--line); }
.picture .tie { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
.picture .volume { fill: var(--soft); stroke: var(--quiet); stroke-width: 1.3; }
.picture .grant { fill: none; stroke-width: 2; }
.picture .grant.until { stroke-dasharray: 6 5; }
.picture path.read { stroke: var(--read); } .picture path.write { stroke: var(--write); }
.picture .dot.read, .picture .head.read, .picture text.read { fill: var(--read); }
.picture .dot.write, .picture .head.write, .picture text.write { fill: var(--write); }
.timeline { display: grid; gap: 4px; margin: 8px 0; }
.lane { display: grid; grid-template-columns: 210px 1fr 64px; gap: 14px; align-items: center; }
.lane .name { font-size: 14px; }
.lane .figure { text-align: right; font-variant-numeric: tabular-nums; color: var(--quiet); font-size: 13px; }
.track { position: relative; display: block; height: 24px; border-radius: 6px; background: var(--soft); }
.bar { position: absolute; top: 4px; bottom: 4px; min-width: 3px; border-radius: 4px; background: var(--read); opacity: 0.42; }
.mark { position: absolute; top: 8px; width: 8px; height: 8px; margin-left: -4px; border-radius: 50%; background: var(--read); box-shadow: 0 0 0 1.5px var(--paper); }
.mark.changed { background: var(--write); }
.axis .track { background: none; height: 22px; }
.tick { position: absolute; top: 0; height: 5px; border-left: 1px solid var(--quiet); }
.tick b { position: absolute; top: 5px; left: -20px; width: 40px; text-align: center; font: 12px system-ui, sans-serif; color: var(--quiet); font-variant-numeric: tabular-nums; }
.steps { list-style: none; padding: 0; margin: 14px 0 0; display: flex; flex-wrap: wrap; gap: 8px; }
.steps li { background: var(--soft); border-radius: 8px; padding: 4px 12px; font-size: 13.5px; }
.steps b { margin-left: 8px; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 7px 12px; border-bottom: 1px solid var(--line); font-weight: 400; vertical-align: middle; }
thead th { color: var(--quiet); font-size: 13px; border-bottom-width: 2px; }
tbody tr:last-child > * { border-bottom: 0; }
.access th + th, .access td { text-align: center; width: 12%; }
.cell { display: inline-block; min-width: 30px; padding: 1px 6px; border-radius: 6px; text-align: center; font-weight: 650; }
.cell.allowed { background: var(--good-soft); color: var(--good); }
.cell.denied { background: var(--soft); color: var(--quiet); }
.cell.surprise { background: var(--bad); color: var(--paper); }
.cell.empty { color: var(--quiet); }
details { border: 1px solid var(--line); border-radius: 10px; margin-top: 12px; overflow: hidden; }
summary { cursor: pointer; padding: 10px 14px; background: var(--soft); }
summary .hint { margin-left: 8px; }
.managing { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; padding: 12px 14px 14px; border-top: 1px solid var(--line); }
.chip { border: 1px solid var(--line); border-radius: 8px; padding: 2px 4px 2px 10px; font-size: 13.5px; }
.legend { margin: 14px 0 0; font-size: 13.5px; }
.legend .cell { margin-left: 12px; } .legend .cell:first-child { margin-left: 0; } .legend .hint { margin-left: 14px; }
.surprises { background: var(--bad-soft); border-left: 4px solid var(--bad); border-radius: 6px; margin: 0; padding: 10px 14px 10px 34px; }
td code { white-space: nowrap; }
.state { display: inline-block; white-space: nowrap; border-radius: 6px; padding: 1px 8px; font-size: 13px; font-weight: 600; }
.state.good { background: var(--good-soft); color: var(--good); }
.state.due { background: var(--bad-soft); color: var(--bad); }
.state.retiring { background: var(--wait-soft); color: var(--wait); }
.made { display: block; color: var(--quiet); font-size: 13px; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
footer { color: var(--quiet); font-size: 13.5px; margin-top: 24px; }
@media (max-width: 700px) { .lane { grid-template-columns: 120px 1fr 56px; gap: 8px; } main { padding: 24px 12px 48px; } section { padding: 18px 14px; } }
@media print { body { background: #fff; } section, .figures li { break-inside: avoid; } }
`;
