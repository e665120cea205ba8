import { buffer } from "node:stream/consumers";
import { UserError } from "../errors.ts";
import { parseJson } from "../files/json.ts";
import { ANSWER_TIME, TEXT_LIMIT, upTo } from "../files/limits.ts";
import { HttpError, networkFault, openUrl, retryPassing } from "./http.ts";

/** The public offer file of Lambda with every region, which asks for no credentials. */
export const LAMBDA_OFFER =
  "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AWSLambda/current/index.json";

/**
 * An offer file of AWS's price list as the JSON that it is.
 * @throws UserError (exit 3) when it cannot be fetched, (exit 2) when it is not JSON or too large
 */
export async function fetchOffer(url: string, signal: AbortSignal): Promise<unknown> {
  const doing = `fetch the price list from ${url}`;
  const read = async () => {
    const { stream } = await openUrl(url, 0, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIME)]),
    });
    return (await buffer(upTo(stream, { what: url, limit: TEXT_LIMIT }))).toString("utf8");
  };
  try {
    const text = await retryPassing(read, { retries: 2, minTimeout: 1000, signal });
    return parseJson(text, url);
  } catch (error) {
    if (!(error instanceof HttpError)) throw networkFault(error, doing);
    throw new UserError(`Cannot ${doing}: ${error.message}`, { reason: "environment", cause: error });
  }
}
