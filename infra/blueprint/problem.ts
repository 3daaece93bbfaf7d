/** Something wrong in a blueprint, and where. */
export interface Problem {
  path: (string | number)[];
  text: string;
}
