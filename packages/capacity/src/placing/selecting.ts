import type { Requirement } from "@kubestack/contracts";

type Labels = Readonly<Record<string, string>>;

/** Whether labels are as one requirement wants them. */
export function isMet({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

/** Whether labels meet all of a selector. An empty one is met by any. */
export function isSelected(selector: readonly Requirement[], labels: Labels): boolean {
  return selector.every((one) => isMet(one, labels));
}

/** `pool In (a, b)`, for people. */
export function printRequirement({ key, operator, values }: Requirement): string {
  return [key, operator, ...(values === undefined ? [] : [`(${values.join(", ")})`])].join(" ");
}
