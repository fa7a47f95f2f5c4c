/** What is wrong with the address of KubeStack's HTTP, or undefined. One with a password in it would be seen by everyone on the machine. */
export function faultOfHttpServer(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return "write it as http://host:port";
  const { username, password, search, hash } = new URL(text);
  if (username !== "" || password !== "") return "put no user or password into it";
  if (search !== "" || hash !== "") return "leave out what follows the path";
  return undefined;
}
