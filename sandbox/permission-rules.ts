import picomatch from "picomatch";

/** One rule as the API stores and answers it. No `conditions`: everything of that subject. */
export interface PermissionRule {
  readonly subject: string;
  readonly action: string | readonly string[];
  readonly conditions?: Conditions;
  /** A rule that forbids. Of several rules that match, the last one decides. */
  readonly inverted?: boolean;
}

/** Per attribute an exact value or operators. No operator at all (unknown ones were dropped) matches nothing. */
export type Conditions = Readonly<Record<string, string | Operators>>;
interface Operators {
  readonly $eq?: string;
  readonly $ne?: string;
  readonly $in?: readonly string[];
  readonly $all?: readonly string[];
  readonly $glob?: string;
}

/** What an action is about: environment (slug), secretPath, secretName, secretTags (slugs), identityId, … */
export type Attributes = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Any subject and any action, for administrators. */
export const EVERYTHING: PermissionRule = { subject: "all", action: "manage" };

/**
 * Whether the rules allow the action. Without `attributes` the question is "on any such object at all?": conditions are
 * not looked at, as in the library behind the real server (an empty list instead of 403 comes from this).
 */
export function isAllowed(
  rules: readonly PermissionRule[],
  action: string,
  subject: string,
  attributes?: Attributes,
): boolean {
  const decisive = rules
    .filter((rule) => concerns(rule, action, subject))
    .findLast((rule) => (attributes === undefined ? !isConditionalBan(rule) : meets(rule.conditions, attributes)));
  return decisive !== undefined && decisive.inverted !== true;
}

/** The rules for one action in the shape that a refusal shows them to the caller (and so leaks the allowed paths). */
export function rulesFor(rules: readonly PermissionRule[], action: string, subject: string): unknown[] {
  return rules
    .filter((rule) => rule.subject === subject && actionsOf(rule).includes(action))
    .map((rule) => ({
      action: actionsOf(rule),
      inverted: rule.inverted ?? false,
      subject: [rule.subject],
      ...(rule.conditions === undefined ? {} : { conditions: rule.conditions }),
    }));
}

const actionsOf = (rule: PermissionRule): readonly string[] =>
  typeof rule.action === "string" ? [rule.action] : rule.action;

const isConditionalBan = (rule: PermissionRule): boolean => rule.inverted === true && rule.conditions !== undefined;

function concerns(rule: PermissionRule, action: string, subject: string): boolean {
  if (rule.subject !== "all" && rule.subject !== subject) return false;
  const actions = actionsOf(rule);
  if (actions.includes("manage") || actions.includes(action)) return true;
  // The older action "read" on secrets stands for both newer ones.
  return subject === "secrets" && (action === "describeSecret" || action === "readValue") && actions.includes("read");
}

function meets(conditions: Conditions | undefined, attributes: Attributes): boolean {
  if (conditions === undefined) return true;
  return Object.entries(conditions).every(([name, condition]) => meetsOne(condition, attributes[name]));
}

function meetsOne(condition: string | Operators, attribute: string | readonly string[] | undefined): boolean {
  if (attribute === undefined) return false;
  const values = typeof attribute === "string" ? [attribute] : attribute;
  if (typeof condition === "string") return values.includes(condition);
  const checks = operatorChecks(condition, values);
  return checks.length > 0 && checks.every((passed) => passed);
}

function operatorChecks(operators: Operators, values: readonly string[]): boolean[] {
  const { $eq, $ne, $in, $all, $glob } = operators;
  const checks: boolean[] = [];
  if ($eq !== undefined) checks.push(values.includes($eq));
  if ($ne !== undefined) checks.push(!values.includes($ne));
  if ($in !== undefined) checks.push(values.some((value) => $in.includes(value)));
  if ($all !== undefined) checks.push($all.every((value) => values.includes(value)));
  if ($glob !== undefined) {
    const matches = picomatch($glob, { strictSlashes: false });
    checks.push(values.some((value) => matches(value)));
  }
  return checks;
}
