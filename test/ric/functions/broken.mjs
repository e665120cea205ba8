// Cannot be loaded: what keeps it from it is in the environment, where both clients see the same.
const { BROKEN } = process.env;
if (BROKEN === "error") throw new RangeError("no such model");
if (BROKEN === "text") throw "only text";
if (BROKEN === "null") throw null;
if (BROKEN === "exit") process.exit(3);
if (BROKEN === "missing") await import(`./${BROKEN}.mjs`);
if (BROKEN === "later") await Promise.reject(new TypeError("after a while"));

export const handler = async () => "loaded";
