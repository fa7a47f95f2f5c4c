import { createHash, randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";

/** Who may do everything at the master; nobody else may do or read anything. */
export interface HudsonUser {
  readonly user: string;
  readonly password: string;
}

const DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n";

/** `salt:hash` as Hudson's own user database reads it: SHA-256 in hex over the password followed by the salt in braces. */
export function hashedPassword(password: string, salt: string = randomBytes(8).toString("hex")): string {
  return `${salt}:${createHash("sha256").update(`${password}{${salt}}`).digest("hex")}`;
}

/**
 * Writes the files a new Hudson starts from: no quiet period, nothing sent to anybody, agents' TCP port chosen by the system, one
 * user, and one executor of its own. That takes no builds but those that ask for the master itself; what it is there for is the
 * queue, at which a Hudson without any idle executor looks every five seconds only. A matrix with that user alone, not "everything
 * once logged in": under the latter a wrong password still reads everything, since Hudson takes it for nobody's. Raises
 * `invalid-config` for a user name that is not plain.
 */
export async function writeHudsonHome(home: string, options: HudsonUser & { url: string }): Promise<void> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(options.user)) {
    throw new KubestackError(
      "invalid-config",
      `"${options.user}" is no user name for Hudson: use letters, digits, - and _`,
      {
        retry: "never",
      },
    );
  }
  const userFolder = join(home, "users", options.user);
  await mkdir(userFolder, { recursive: true, mode: 0o700 });
  const write = (path: string, xml: string) => writeFile(path, DECLARATION + xml, { mode: 0o600 });
  await Promise.all([
    write(join(home, "config.xml"), MASTER),
    write(join(home, "hudson-security.xml"), securityXml(options.user)),
    write(join(home, "hudson.tasks.Mailer.xml"), mailerXml(options.url)),
    write(join(userFolder, "config.xml"), userXml(options)),
  ]);
}

const MASTER = `<hudson>
  <version>3.3.2</version>
  <numExecutors>1</numExecutors>
  <mode>EXCLUSIVE</mode>
  <quietPeriod>0</quietPeriod>
  <noUsageStatistics>true</noUsageStatistics>
</hudson>
`;

function securityXml(user: string): string {
  return `<org.eclipse.hudson.security.HudsonSecurityManager>
  <useSecurity>true</useSecurity>
  <authorizationStrategy class="hudson.security.GlobalMatrixAuthorizationStrategy">
    <permission>hudson.model.Hudson.Administer:${user}</permission>
  </authorizationStrategy>
  <securityRealm class="hudson.security.HudsonPrivateSecurityRealm">
    <disableSignup>true</disableSignup>
    <enableCaptcha>false</enableCaptcha>
  </securityRealm>
  <slaveAgentPort>0</slaveAgentPort>
</org.eclipse.hudson.security.HudsonSecurityManager>
`;
}

/** The mailer's settings hold the master's own address. */
function mailerXml(url: string): string {
  const element = "hudson.tasks.Mailer_-DescriptorImpl";
  return `<${element}>\n  <hudsonUrl>${url}</hudsonUrl>\n</${element}>\n`;
}

function userXml(options: HudsonUser): string {
  const element = "hudson.security.HudsonPrivateSecurityRealm_-Details";
  return `<user>
  <fullName>${options.user}</fullName>
  <properties>
    <${element}>
      <passwordHash>${hashedPassword(options.password)}</passwordHash>
    </${element}>
  </properties>
</user>
`;
}
