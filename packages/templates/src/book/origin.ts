/** Where a template comes from. */
export type TemplateOrigin =
  | { readonly kind: "file" }
  /** Somebody applied it with the command line; it is kept in NATS. */
  | { readonly kind: "applied" }
  | { readonly kind: "configMap"; readonly namespace: string; readonly name: string; readonly key: string };

/** An origin in one word: `file`, `applied`, or `configmap:<namespace>/<name>#<key>`. */
export function originWord(origin: TemplateOrigin): string {
  return origin.kind === "configMap" ? `configmap:${origin.namespace}/${origin.name}#${origin.key}` : origin.kind;
}

/** An origin for people. */
export function toldOrigin(origin: TemplateOrigin): string {
  switch (origin.kind) {
    case "file":
      return "the configuration file";
    case "applied":
      return "the applied templates";
    case "configMap":
      return `ConfigMap ${origin.namespace}/${origin.name}, key ${origin.key}`;
  }
}
