import { type ExplainRequest, type ExplanationMessage, explanationSchema } from "@kubestack/contracts";
import type { Route } from "./http/route.ts";

export interface Answers {
  explain(request: ExplainRequest): Promise<ExplanationMessage>;
}

/** Everything that is answered over HTTP: the OpenAPI document is made from it. */
export function routesOf(answers: Answers): readonly Route[] {
  return [
    {
      path: "/api/v1/explain",
      summary: "Why a build waits, what a slave does or how it ended, how a label is served, how a master stands.",
      parameters: {
        what: {
          about:
            "A build's or job's address, a queue item, a slave, a label, a master or a node pool; a unique beginning will do. item:, slave:, label:, master: or pool: in front says which is meant.",
          longest: 4096,
          isNeeded: true,
          example: "https://ci.example.org/job/shop/job/api/412/",
        },
        master: { about: "Only what is known of this master.", longest: 256, isNeeded: false, example: "backend" },
      },
      reply: { name: "Explanation", schema: explanationSchema },
      refusals: { 404: "Nothing that is known is called so, or several things are: the sentence says which." },
      answer: (values) => {
        const master = values.get("master");
        return answers.explain({ what: values.get("what") ?? "", ...(master ? { master } : {}) });
      },
    },
  ];
}
