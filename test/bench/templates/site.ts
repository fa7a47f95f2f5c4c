import { type TemplateEntry, templateEntrySchema } from "@kubestack/templates";
import { z } from "zod";

/** Templates of the four levels of one department: all of a site, of a team, of a language, and what is launched. */
const department = { teams: 4, languages: 3, launched: 7 };

/**
 * Templates as large departments write them, 101 each, every one on one of the level above. What is launched says a short form,
 * and each level a pod of its own: sidecars, volumes, variables, selectors and tolerations.
 */
export function siteOf(departments: number): TemplateEntry[] {
  return z.array(templateEntrySchema).parse(writtenSite(departments));
}

/** The same as they are written. */
export function writtenSite(departments: number): unknown[] {
  const entries: unknown[] = [];
  for (let at = 0; at < departments; at += 1) {
    const site = `site-${at}`;
    entries.push({ name: site, agentImage: "registry.example.org/kubestack-slave:1", pod: podOf(site) });
    for (let team = 0; team < department.teams; team += 1) {
      const ofTeam = `${site}-team-${team}`;
      entries.push({ name: ofTeam, inheritFrom: [site], env: { TEAM: ofTeam }, volumes, pod: podOf(ofTeam) });
      for (let language = 0; language < department.languages; language += 1) {
        const ofLanguage = `${ofTeam}-language-${language}`;
        entries.push({ name: ofLanguage, inheritFrom: [ofTeam], timeouts: { pull: "20m" }, pod: podOf(ofLanguage) });
        for (let launched = 0; launched < department.launched; launched += 1) {
          const name = `${ofLanguage}-${launched}`;
          entries.push({ ...launchedOf(name), inheritFrom: [ofLanguage] });
        }
      }
    }
  }
  return entries;
}

/** One that the cluster makes for each pod, one that is there. */
const volumes = [
  { name: "target", perBuild: { size: "20Gi", mountPath: "/target" } },
  { claim: { name: "maven", mountPath: "/cache/maven", readOnly: true } },
];

function podOf(name: string): unknown {
  return {
    metadata: { labels: { [`ci.example.org/${name}`]: "yes" }, annotations: { "ci.example.org/by": name } },
    spec: {
      nodeSelector: { pool: name, "kubernetes.io/arch": "amd64" },
      tolerations: [{ key: name, operator: "Exists", effect: "NoSchedule" }],
      imagePullSecrets: [{ name: `registry-${name}` }],
      volumes: [{ name: `cache-${name}`, emptyDir: { sizeLimit: "10Gi" } }],
      containers: [
        {
          name: "jnlp",
          env: Array.from({ length: 5 }, (_, at) => ({ name: `${name.toUpperCase()}_${at}`, value: `${at}` })),
          volumeMounts: [{ name: `cache-${name}`, mountPath: `/cache/${name}` }],
        },
        {
          name: `beside-${name}`.slice(0, 60),
          image: "registry.example.org/postgres:17",
          command: ["postgres", "-c", name],
        },
      ],
    },
  };
}

function launchedOf(name: string): object {
  return {
    name,
    labels: [name, "linux"],
    image: `registry.example.org/ci/${name}:1`,
    cpu: "2",
    memory: "4Gi",
    env: { BUILDS_AS: name, MAVEN_OPTS: "-Xmx3g" },
    pod: { spec: { priorityClassName: "builds", containers: [{ name: "jnlp", tty: true }] } },
  };
}
