// What hosts scimmy, on whatever Express. How SCIM is spoken is the library's; this file stores resources in memory and
// keeps names unique, which the library leaves to its host.
import { serve, token } from "./serve.mjs";

class Shelf {
  #resources = new Map();
  #lastId = 0;

  // unique names the attribute that no two resources may share, compared without regard to case.
  constructor(Types, prefix, unique) {
    this.Types = Types;
    this.prefix = prefix;
    this.unique = unique;
  }

  find(id) {
    const found = this.#resources.get(id);
    if (!found) throw new this.Types.Error(404, null, `Resource ${id} not found`);
    return found;
  }

  list(filter) {
    const all = [...this.#resources.values()];
    return filter ? filter.match(all) : all;
  }

  save(id, instance) {
    const old = id ? this.find(id) : undefined;
    const content = JSON.parse(JSON.stringify(instance));
    this.#refuseDuplicate(id, content);
    const now = new Date().toISOString();
    const saved = {
      ...content,
      id: id ?? `${this.prefix}-${++this.#lastId}`,
      meta: { created: old?.meta.created ?? now, lastModified: now },
    };
    this.#resources.set(saved.id, saved);
    return saved;
  }

  remove(id) {
    this.find(id);
    this.#resources.delete(id);
  }

  #refuseDuplicate(id, content) {
    if (!this.unique) return;
    const name = String(content[this.unique] ?? "").toLowerCase();
    for (const other of this.#resources.values()) {
      if (other.id !== id && String(other[this.unique] ?? "").toLowerCase() === name) {
        throw new this.Types.Error(409, "uniqueness", `${this.unique} is taken`);
      }
    }
  }
}

function host(Resources, Resource, shelf) {
  Resources.declare(Resource)
    .ingress((resource, instance) => shelf.save(resource.id, instance))
    .egress((resource) => (resource.id ? shelf.find(resource.id) : shelf.list(resource.filter)))
    .degress((resource) => shelf.remove(resource.id));
}

// hostScimmy serves the library behind its routers.
export function hostScimmy(express, { Resources, Schemas, Types }, SCIMMYRouters) {
  Resources.User.extend(Schemas.EnterpriseUser, false);
  host(Resources, Resources.User, new Shelf(Types, "user", "userName"));
  host(Resources, Resources.Group, new Shelf(Types, "group"));
  serve("/scim/v2", () =>
    express().use(
      "/scim/v2",
      new SCIMMYRouters({
        type: "bearer",
        handler: (request) => {
          // The scheme is case-insensitive (RFC 9110 §11.1), the token is not.
          const [scheme, credentials] = (request.header("Authorization") ?? "").split(" ");
          if (scheme.toLowerCase() !== "bearer" || credentials !== token) throw new Error("The token is not valid");
          return "slipway";
        },
      }),
    ),
  );
}
