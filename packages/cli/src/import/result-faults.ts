/** What stands where the result is a part of a configuration only. */
const rest = {
  kubernetes: { namespace: "default" },
  masters: [{ name: "jenkins", url: "http://jenkins.invalid/", token: "env:TOKEN" }],
};

/** What our own configuration finds wrong with the result, where it does: `path: rule`. */
export async function resultFaults(form: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const { configurationSchema } = await import("@kubestack/configuration");
  const read = configurationSchema.safeParse({ ...rest, ...form });
  if (read.success) return [];
  return read.error.issues.slice(0, 20).map(({ path, message }) => `${path.map(String).join(".")}: ${message}`);
}
