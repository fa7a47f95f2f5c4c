import type { HudsonAdmin } from "@kubestack/real-parts";
import type { Kind } from "./slave-images.ts";

export interface SampleJob {
  readonly name: string;
  readonly label: Kind;
  readonly expected: "SUCCESS" | "FAILURE";
  /** How long its build works. */
  readonly workS: number;
  /** What its log tells. */
  readonly says: string;
}

/** The jobs of the sandbox's master: a day in a shop, over three labels that do not overlap. One fails on purpose. */
export const sampleJobs: readonly SampleJob[] = [
  { name: "shop-api-tests", label: "python", expected: "SUCCESS", workS: 3, says: "214 tests passed" },
  { name: "shop-migrations", label: "python", expected: "SUCCESS", workS: 2, says: "12 migrations up and down" },
  { name: "price-model", label: "python", expected: "SUCCESS", workS: 4, says: "the model is no worse" },
  { name: "payments-build", label: "go", expected: "SUCCESS", workS: 3, says: "built payments" },
  { name: "payments-race", label: "go", expected: "SUCCESS", workS: 4, says: "no race found" },
  { name: "web-unit-tests", label: "node", expected: "SUCCESS", workS: 2, says: "88 tests passed" },
  { name: "web-broken", label: "node", expected: "FAILURE", workS: 2, says: "this one is meant to fail" },
  { name: "checkout-e2e", label: "node", expected: "SUCCESS", workS: 5, says: "the basket reaches the till" },
];

export async function createSampleJobs(admin: HudsonAdmin): Promise<void> {
  await Promise.all(
    sampleJobs.map(({ name, label, expected, workS, says }) =>
      admin.createJob({
        name,
        label,
        script: [`sleep ${workS}`, `echo "${says}"`, expected === "SUCCESS" ? "" : "exit 1", ""].join("\n"),
      }),
    ),
  );
}
