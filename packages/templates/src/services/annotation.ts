import { mostServices, type SlaveService, slaveServiceSchema } from "@kubestack/contracts";
import { z } from "zod";

const annotation = "kubestack.io/services";
const listSchema = z.array(slaveServiceSchema).max(mostServices);

/** What a pod bears, so that its slave's Services are known though its record should be lost and its template changed. */
export function serviceAnnotations(services: readonly SlaveService[] | undefined): Readonly<Record<string, string>> {
  return services === undefined || services.length === 0 ? {} : { [annotation]: JSON.stringify(services) };
}

/** The Services that a pod's annotations tell of; none where they can't be read. */
export function servicesIn(annotations: Readonly<Record<string, string>>): readonly SlaveService[] {
  try {
    return listSchema.parse(JSON.parse(annotations[annotation] ?? "[]"));
  } catch {
    // The pod is there already, and what it owns goes with it whatever is known of that.
    return [];
  }
}
