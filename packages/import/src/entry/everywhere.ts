/** What is so of every slave, whatever its pod says, and was not so with the plugin. */
export const everywhere: readonly string[] = [
  "every container keeps to the restricted pod security standard, and runs as user and group 1000 where runAsUser says no other; the plugin left both to the image",
  "no service account's token is mounted where no account is named, and a pod that is told to end has 10 s where it says no other time",
  "no pod asks for machines of kubernetes.io/os: linux where it names none; say so in defaults.template where the cluster has others",
  "the agent's image has no agent of ours: name the slave image as agentImage in defaults.template, by which one is put into it, or build it from images/slave (docs/migrating.md)",
];
