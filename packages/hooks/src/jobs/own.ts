import { z } from "zod";
import { idField, labelList, nameField, readAs, timeOf, urlField } from "./fields.ts";
import type { JobSender } from "./job-event.ts";

const stateSchema = z.enum(["waiting", "running", "over"]);

const bodySchema = z.strictObject({
  kubestack: z.literal("job"),
  id: idField,
  state: stateSchema,
  name: nameField.default(""),
  url: urlField.default(""),
  labels: labelList.nullable().default([]),
  attempt: z.number().int().min(0).max(1_000_000).default(0),
  at: z
    .string()
    .max(64)
    .transform((text, context) => {
      const at = timeOf(text);
      if (at !== null) return at;
      context.addIssue({ code: "custom", message: "is no time such as 2026-01-31T12:00:00Z" });
      return z.NEVER;
    })
    .nullable()
    .default(null),
});

/** KubeStack's own form, for senders of one's own: nothing is left out, and nothing else is in it. */
export const own: JobSender = {
  name: "own",
  read: (body) => {
    const read = readAs(bodySchema, body);
    if ("unreadable" in read) return read;
    const { kubestack: _kind, name, id, ...rest } = read.data;
    return { event: { ...rest, id, name: name === "" ? id : name, source: "own" } };
  },
};
