import {
  CoreV1Api,
  createConfiguration,
  type RequestContext,
  ResponseContext,
  ServerConfiguration,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
import type { Connection, Method } from "../connection/connection.ts";

/** The generated client wants an absolute address; only the path of what it builds is used. */
const anyServer = "https://kubernetes.invalid";

/**
 * client-node's typed core API, carried by our connection. What is no success is raised from within, translated, so no
 * ApiException of the library is ever seen. Not for creates: its models drop every field that they do not know.
 */
export function createCoreApi(connection: Connection): CoreV1Api {
  async function send(context: RequestContext): Promise<ResponseContext> {
    const url = new URL(context.getUrl());
    const body = context.getBody();
    const contentType = context.getHeaders()["Content-Type"];
    const request = {
      method: context.getHttpMethod() as Method,
      path: url.pathname + url.search,
      ...(typeof body === "string" ? { body } : {}),
      ...(contentType === undefined ? {} : { contentType }),
    };
    const answer = await connection.exchange(request);
    if (answer.status < 200 || answer.status > 299) throw connection.refusal(request, answer);
    const bytes = Buffer.from(answer.text);
    return new ResponseContext(
      answer.status,
      { ...answer.headers },
      {
        text: async () => answer.text,
        binary: async () => bytes,
        stream: () => new Blob([bytes]).stream(),
      },
    );
  }
  return new CoreV1Api(
    createConfiguration({ baseServer: new ServerConfiguration(anyServer, {}), httpApi: wrapHttpLibrary({ send }) }),
  );
}
