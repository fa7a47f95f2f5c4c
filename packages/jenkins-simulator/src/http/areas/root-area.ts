import { readFileSync } from "node:fs";
import { agentProgram } from "../../agent/agent-program.ts";
import { escapeXml, httpError, json, page, plain, redirect } from "../answer.ts";
import { childrenOf } from "../beans/job-beans.ts";
import { rootBean } from "../beans/root-bean.ts";
import { require } from "../permissions.ts";
import { type Area, type Call, isApi, mastersHeaders, requirePost, type Scene } from "../scene.ts";

/**
 * The master as a whole: who it is, who asks, crumbs, quieting down, restarts, the login page. As a real master hands out its agents'
 * jar, so does this one with the program of its own agents, which are no Java.
 */
export const rootArea: Area = (scene, call) => {
  const { segments, path } = call.request;
  if (isApi(segments, 0)) {
    require(call.access, "Overall/Read");
    return scene.serve(call, (view) => rootBean(view, scene.settings), "root");
  }
  const [first = ""] = segments;
  if (path === "" || path === "/") return frontPage(scene, call);
  if (first === "login") return page(200, { title: "Sign in [Jenkins]", body: loginForm }, mastersHeaders(scene.state));
  if (first === "me" || first === "whoAmI") return identity(scene, call);
  if (first === "crumbIssuer" && isApi(segments, 1)) {
    require(call.access, "Overall/Read");
    return scene.gate.issueCrumb(call.request, call.access);
  }
  if (first === "tcpSlaveAgentListener") return agentListener(scene);
  if (first === "wsagents" && scene.state.version.takesWebSockets)
    return httpError(400, "This endpoint is only for use from agent.jar in WebSocket mode");
  if (path === "simulator/agent.js") return plain(200, readFileSync(agentProgram, "utf8"));
  if (first === "view" && segments[1] === "all" && isApi(segments, 2)) {
    return scene.serve(
      call,
      (view) => ({ class: "hudson.model.AllView", fields: { jobs: () => childrenOf(view, "") } }),
      "all",
    );
  }
  return administration(scene, call);
};

const loginForm =
  '<form method="post" name="login" action="j_spring_security_check"><input type="text" name="j_username"><input type="password" name="j_password"></form>';

function frontPage(scene: Scene, call: Call) {
  require(call.access, "Overall/Read");
  const body = `<a id="jenkins-home-link" href="/">Jenkins</a><h1>Dashboard</h1><p>${escapeXml(call.access.user)}</p>`;
  return page(200, { title: "Dashboard [Jenkins]", body }, mastersHeaders(scene.state));
}

function identity(scene: Scene, call: Call) {
  const { user } = call.access;
  if (call.request.segments[0] === "whoAmI") {
    const told = { _class: "hudson.security.WhoAmI", anonymous: user === "anonymous", authenticated: true, name: user };
    return json(JSON.stringify(told), mastersHeaders(scene.state));
  }
  return scene.serve(call, (view) => ({
    class: "hudson.model.User",
    fields: {
      absoluteUrl: () => `${view.rootUrl}user/${encodeURIComponent(user)}`,
      fullName: () => user,
      id: () => user,
    },
  }));
}

function agentListener(scene: Scene) {
  const { agentPort } = scene.settings;
  if (agentPort < 0) return null;
  return plain(200, "\n\n  Jenkins\n", {
    "x-hudson-jnlp-port": String(agentPort),
    "x-jenkins-jnlp-port": String(agentPort),
    "x-jenkins-agent-protocols": "JNLP4-connect, Ping",
    "x-remoting-minimum-version": "3176.v207ec082a_8c0",
  });
}

function administration(scene: Scene, call: Call) {
  const { request, access } = call;
  const [action = ""] = request.segments;
  if (request.segments.length !== 1) return null;
  if (action === "quietDown" || action === "cancelQuietDown") {
    requirePost(request);
    require(access, "Overall/Manage");
    if (action === "quietDown") scene.core.quietDown();
    else scene.core.cancelQuietDown();
    return redirect(scene.rootUrl);
  }
  if (action === "restart" || action === "safeRestart") {
    requirePost(request);
    require(access, "Overall/Administer");
    scene.core.restart();
    return redirect(scene.rootUrl);
  }
  return null;
}
