import type { SlaveService } from "@kubestack/contracts";
import type { ServiceItem } from "./entry.ts";

/** What a template says of Services: null takes away what its parents say. */
export type SaidServices = readonly ServiceItem[] | null | undefined;

/** The Services that a line of templates comes to, the weakest template first: by name, and of each field by field. */
function itemsOf(line: readonly { readonly services?: SaidServices }[]): readonly ServiceItem[] {
  const known = new Map<string, ServiceItem>();
  for (const { services } of line) {
    if (services === null) known.clear();
    for (const { $patch, ...item } of services ?? [])
      if ($patch === undefined) known.set(item.name, { ...known.get(item.name), ...item });
      else known.delete(item.name);
  }
  return [...known.values()];
}

/** The Services of each slave of a template. What its `serviceFaults` tell of is left out. */
export function servicesOf(line: readonly { readonly services?: SaidServices }[]): readonly SlaveService[] {
  return itemsOf(line).flatMap(({ name, port, targetPort = port, protocol = "TCP", headless }) =>
    port === undefined || targetPort === undefined
      ? []
      : [{ name, port, targetPort, protocol, headless: headless ?? port === targetPort }],
  );
}

/** What keeps a template with these Services, its own and its parents', from being launched, in sentences. */
export function serviceFaults(line: readonly { readonly services?: SaidServices }[]): readonly string[] {
  return itemsOf(line).flatMap(({ name, port, targetPort = port, headless }) => {
    if (port === undefined) return [`says no port of ${name}; add it`];
    if (headless !== true || port === targetPort) return [];
    return [
      `has ${name} as headless, though its port ${port} is not the pod's ${targetPort}: nobody forwards it then; make them one, or leave headless out`,
    ];
  });
}
