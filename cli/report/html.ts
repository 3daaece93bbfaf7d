/** A text that is HTML already. Only {@link html} and {@link trusted} make one. */
export class Html {
  constructor(readonly text: string) {}
}

export type Content = Html | string | number | undefined | readonly Content[];

/** HTML with values in it: texts are escaped, pieces of HTML and lists of them are not, nothing is left out. */
export function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(parts.map((part, index) => part + (index < values.length ? rendered(values[index]) : "")).join(""));
}

/** Text of our own that must not be escaped, such as a style sheet. */
export function trusted(text: string): Html {
  return new Html(text);
}

function rendered(value: Content): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  return value.map(rendered).join("");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
