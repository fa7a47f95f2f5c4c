import { z } from "zod";

/** What a build may ask for by label, where its template offers it. */
export const sizedResources = ["cpu", "memory", "disk"] as const;
export type SizedResource = (typeof sizedResources)[number];

/** What was asked for a pod by label, as Kubernetes writes quantities; of what is absent it has what its template says. */
export const podSizeSchema = z.object({
  cpu: z.string().optional(),
  memory: z.string().optional(),
  disk: z.string().optional(),
});
export type PodSize = z.infer<typeof podSizeSchema>;

const boundsSchema = z.object({ min: z.string(), max: z.string() });

/** What of each resource may be asked for, from least to most. What is absent may not be asked for. */
export const sizeBoundsSchema = z.object({
  cpu: boundsSchema.optional(),
  memory: boundsSchema.optional(),
  disk: boundsSchema.optional(),
});
export type SizeBounds = z.infer<typeof sizeBoundsSchema>;

/** `cpu=4 memory=8Gi`; empty for a pod of which nothing was asked. Equal texts are equal sizes. */
export function printSize(size: PodSize | undefined): string {
  return sizedResources.flatMap((of) => (size?.[of] === undefined ? [] : [`${of}=${size[of]}`])).join(" ");
}

/** A quantity as Kubernetes writes it: `500m`, `2` or `4Gi`. */
export const quantityForm = /^(\d+(?:\.\d+)?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/;

const powers: Readonly<Record<string, number>> = { k: 1, K: 1, M: 2, G: 3, T: 4, P: 5 };

/** How much a quantity is, in cores or bytes; undefined where the text is none that a `quantity` field takes. */
export function quantityAmount(text: string): number | undefined {
  const [, number, unit = ""] = quantityForm.exec(text) ?? [];
  if (number === undefined) return undefined;
  if (unit === "m") return Number(number) / 1000;
  return Number(number) * (unit.endsWith("i") ? 1024 : 1000) ** (powers[unit[0] ?? ""] ?? 0);
}
