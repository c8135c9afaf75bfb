// Hosts better-auth with its SCIM plugin, unchanged, over its own in-memory store.
import { webcrypto } from "node:crypto";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { getAuthTables } from "better-auth/db";
import { toNodeHandler } from "better-auth/node";
import { scim } from "@better-auth/scim";
import { serve, token } from "./serve.mjs";

globalThis.crypto ??= webcrypto; // Node.js 18, which Debian 12 has, does not yet offer it by itself

serve("/api/auth/scim/v2", (origin) => {
  const options = {
    baseURL: origin,
    secret: "a secret of the test's, of no use elsewhere",
    logger: { level: "error" },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [scim({ connections: [{ id: "slipway", credentials: [{ type: "bearer", id: "test", token }] }] })],
  };
  // The in-memory store wants every table to be there before the first request.
  const tables = Object.values(getAuthTables(options)).map((table) => [table.modelName, []]);
  return toNodeHandler(betterAuth({ ...options, database: memoryAdapter(Object.fromEntries(tables)) }));
});
