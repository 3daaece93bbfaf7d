import { WAY_TITLES, WAYS, type Floor, type Measure } from "./measures";

const WIDTH = 760;
const HEIGHT = 420;
const MARGIN = { left: 70, right: 30, top: 70, bottom: 50 };
const COLOURS = { stack: "#1f6feb", resources: "#d1242f", requests: "#bf8700", floor: "#6e7781" };

/** Seconds of `up` by number of keys, both in logarithmic steps, as an SVG picture. */
export function plotOf(floor: Floor, measures: Measure[]): string {
  const points = WAYS.map((way) => ({
    way,
    at: measures
      .filter((one) => one.way === way && one.folders === 1 && one.seconds.up !== undefined)
      .map(({ keys, seconds }) => ({ keys, seconds: seconds.up ?? 0 })),
  })).filter(({ at }) => at.length > 0);
  const all = points.flatMap(({ at }) => at);
  const x = scale(
    Math.min(...all.map(({ keys }) => keys)),
    Math.max(...all.map(({ keys }) => keys)),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const times = [floor.up, ...all.map(({ seconds }) => seconds)];
  const y = scale(Math.min(...times), Math.max(...times), HEIGHT - MARGIN.bottom, MARGIN.top);
  const floorLine = `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(floor.up)}" y2="${y(floor.up)}" stroke="${COLOURS.floor}" stroke-dasharray="6 4"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">
<title>Seconds of up by number of keys, on the sandbox</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${legend(points.map(({ way }) => way))}
${axes(
  x,
  y,
  [...new Set(all.map(({ keys }) => keys))].sort((a, b) => a - b),
  times,
)}
${floorLine}
${points
  .map(({ way, at }) =>
    curve(
      COLOURS[way],
      at.map((point) => [x(point.keys), y(point.seconds)]),
    ),
  )
  .join("\n")}
</svg>
`;
}

type Scale = (value: number) => number;

function scale(from: number, to: number, start: number, end: number): Scale {
  const span = Math.log(to / from) || 1;
  return (value) => Math.round((start + ((end - start) * Math.log(value / from)) / span) * 10) / 10;
}

function curve(colour: string, points: (readonly [number, number])[]): string {
  const line = points.map(([px, py]) => `${px},${py}`).join(" ");
  const dots = points.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="4" fill="${colour}"/>`).join("");
  return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}`;
}

function legend(ways: (keyof typeof WAY_TITLES)[]): string {
  const entries = [
    ...ways.map((way) => ({ colour: COLOURS[way], title: WAY_TITLES[way] })),
    { colour: COLOURS.floor, title: "an empty Pulumi program" },
  ];
  return entries
    .map(({ colour, title }, index) => {
      const px = MARGIN.left + (index % 2) * 300;
      const py = 20 + Math.floor(index / 2) * 20;
      return `<rect x="${px}" y="${py - 9}" width="12" height="12" fill="${colour}"/><text x="${px + 18}" y="${py + 2}">${title}</text>`;
    })
    .join("\n");
}

function axes(x: Scale, y: Scale, keys: number[], times: number[]): string {
  const bottom = HEIGHT - MARGIN.bottom;
  const ticks = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].filter(
    (tick) => tick >= Math.min(...times) && tick <= Math.max(...times),
  );
  return [
    `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${bottom}" y2="${bottom}" stroke="#000"/>`,
    `<line x1="${MARGIN.left}" x2="${MARGIN.left}" y1="${MARGIN.top}" y2="${bottom}" stroke="#000"/>`,
    ...keys.map((count) => `<text x="${x(count)}" y="${bottom + 20}" text-anchor="middle">${count}</text>`),
    ...ticks.map(
      (tick) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#eaeef2"/>` +
        `<text x="${MARGIN.left - 8}" y="${y(tick) + 4}" text-anchor="end">${tick} s</text>`,
    ),
    `<text x="${(WIDTH + MARGIN.left) / 2}" y="${HEIGHT - 10}" text-anchor="middle">keys</text>`,
  ].join("\n");
}
