/** A freestyle job that runs one shell script. */
export interface HudsonJob {
  readonly name: string;
  /** Label expression of the agents it may run on; absent: any that takes jobs without one. */
  readonly label?: string | undefined;
  /** Run by `sh -xe` on the agent. */
  readonly script: string;
  /** Whether two of its builds may run at once. Default true. */
  readonly concurrent?: boolean | undefined;
  /** Text parameters by name, with their defaults. Give each build another value: equal queue items are folded into one. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** The job as Hudson and Jenkins read it from `createItem`. */
export function jobXml(job: HudsonJob): string {
  return `<?xml version='1.0' encoding='UTF-8'?>
<project>
  <keepDependencies>false</keepDependencies>
  <properties>${parametersXml(job.parameters ?? {})}</properties>
  <scm class="hudson.scm.NullSCM"/>
  <quietPeriod>0</quietPeriod>
  ${job.label === undefined ? "<canRoam>true</canRoam>" : `<assignedNode>${escapeXml(job.label)}</assignedNode><canRoam>false</canRoam>`}
  <disabled>false</disabled>
  <concurrentBuild>${job.concurrent ?? true}</concurrentBuild>
  <builders><hudson.tasks.Shell><command>${escapeXml(job.script)}</command></hudson.tasks.Shell></builders>
  <publishers/>
  <buildWrappers/>
</project>
`;
}

function parametersXml(parameters: Readonly<Record<string, string>>): string {
  const definitions = Object.entries(parameters).map(
    ([name, value]) =>
      `<hudson.model.StringParameterDefinition><name>${escapeXml(name)}</name><defaultValue>${escapeXml(value)}</defaultValue></hudson.model.StringParameterDefinition>`,
  );
  if (definitions.length === 0) return "";
  const list = `<parameterDefinitions>${definitions.join("")}</parameterDefinitions>`;
  return `<hudson.model.ParametersDefinitionProperty>${list}</hudson.model.ParametersDefinitionProperty>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
