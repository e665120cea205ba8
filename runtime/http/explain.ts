import { BadRequest } from "../errors.ts";
import type { Carrier } from "./event.ts";

/**
 * Why a body could not be read, where the fault is in the event around it: `isBase64Encoded` as a text, a body that is
 * an object. Events are read leniently, since the schemas refuse real ones as well (a Lambda authorizer's own context,
 * scopes that are null) and take 50 ms and 16 MB: they are loaded only for those that leniency did not help.
 */
export async function explained(error: unknown, event: unknown, carrier: Carrier): Promise<unknown> {
  if (!(error instanceof BadRequest) || error.field !== "body" || error.status !== 400) return error;
  const { faultIn } = await import("./schemas.ts");
  const fault = faultIn(event, carrier);
  return fault ? new BadRequest(fault.field, `${fault.problem} (${error.message})`) : error;
}
