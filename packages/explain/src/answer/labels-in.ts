import type { WantedLabel } from "@kubestack/contracts";
import { type LabelExpression, parseLabelExpression } from "@kubestack/demand";

/** Every label that a wish names, each once. */
export function labelsIn(wants: WantedLabel): string[] {
  return wants.kind === "expression" ? [...new Set(namesIn(parseLabelExpression(wants.expression)))] : [];
}

function namesIn(expression: LabelExpression): string[] {
  switch (expression.kind) {
    case "label":
      return [expression.name];
    case "not":
      return namesIn(expression.of);
    default:
      return [...namesIn(expression.left), ...namesIn(expression.right)];
  }
}
