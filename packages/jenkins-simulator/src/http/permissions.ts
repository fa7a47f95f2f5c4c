import { escapeXml, page, Refusal } from "./answer.ts";

/** Rights as people write them, with the id that a refusal names. */
const ids = {
  "Overall/Read": "hudson.model.Hudson.Read",
  "Overall/Manage": "jenkins.model.Jenkins.Manage",
  "Overall/Administer": "hudson.model.Hudson.Administer",
  "Job/Discover": "hudson.model.Item.Discover",
  "Job/Read": "hudson.model.Item.Read",
  "Job/ExtendedRead": "hudson.model.Item.ExtendedRead",
  "Job/Build": "hudson.model.Item.Build",
  "Job/Cancel": "hudson.model.Item.Cancel",
  "Job/Create": "hudson.model.Item.Create",
  "Job/Configure": "hudson.model.Item.Configure",
  "Job/Delete": "hudson.model.Item.Delete",
  "Agent/Create": "hudson.model.Computer.Create",
  "Agent/Delete": "hudson.model.Computer.Delete",
  "Agent/Connect": "hudson.model.Computer.Connect",
  "Agent/Disconnect": "hudson.model.Computer.Disconnect",
  "Agent/Configure": "hudson.model.Computer.Configure",
  "Agent/ExtendedRead": "hudson.model.Computer.ExtendedRead",
} as const;

export type Permission = keyof typeof ids;

/** What may be done by whoever asks; jobs may be kept from a user one by one. */
export interface Access {
  readonly user: string;
  /** `all`: an administrator. */
  readonly permissions: ReadonlySet<Permission> | "all";
  /** Jobs (full names) that the user sees nothing of, or only that they are there. */
  readonly jobs: Readonly<Record<string, "hidden" | "discover">>;
}

/** What follows from what: who may read a job knows that it is there, who may configure it may read its configuration. */
const implied: Readonly<Partial<Record<Permission, readonly Permission[]>>> = {
  "Job/Discover": ["Job/Read"],
  "Job/ExtendedRead": ["Job/Configure"],
  "Agent/ExtendedRead": ["Agent/Configure"],
  "Overall/Manage": ["Overall/Administer"],
};

export function may(access: Access, permission: Permission): boolean {
  if (access.permissions === "all" || access.permissions.has(permission)) return true;
  if (access.permissions.has("Overall/Administer")) return true;
  return (implied[permission] ?? []).some((stronger) => may(access, stronger));
}

/** Raises the refusal that names the missing right. */
export function require(access: Access, permission: Permission): void {
  if (may(access, permission)) return;
  const sentence = `${access.user} is missing the ${permission} permission`;
  const headers = {
    "x-you-are-authenticated-as": access.user,
    "x-you-are-in-group-disabled": "use /whoAmI to diagnose",
    "x-required-permission": ids[permission],
    "x-permission-implied-by": ids["Overall/Administer"],
  };
  const body = `<h1>Access Denied</h1><p class="error">${escapeXml(sentence)}</p>`;
  throw new Refusal(page(403, { title: "Access Denied", body }, headers));
}

/** How much of a job is shown to this user. */
export function sightOf(access: Access, job: string): "read" | "discover" | "hidden" {
  const kept = access.jobs[job];
  if (kept !== undefined && access.permissions !== "all") return kept;
  if (may(access, "Job/Read")) return "read";
  return may(access, "Job/Discover") ? "discover" : "hidden";
}

/** Two users of the same name see the same answers. */
export function viewOf(access: Access): string {
  if (access.permissions === "all") return "all";
  return `${[...access.permissions].sort().join()} ${JSON.stringify(access.jobs)}`;
}
