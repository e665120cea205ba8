import { publicUrl } from "../../../models/public-url.ts";
import { HttpError, networkFault, openUrl, waitAsked } from "../../clients/http.ts";
import { UserError } from "../../errors.ts";
import type { FetchedFiles, FetchRequest, KnownFile, SourceRequest, Survey } from "./source.ts";
import { transfer } from "./transfer.ts";

/**
 * The address of one file.
 * @throws UserError (exit 2) when it is none, has a password, or the spec does not say its sha256.
 */
function parse(address: string, known: KnownFile | undefined): string {
  const url = URL.parse(`https:${address}`);
  const shown = publicUrl(`https:${address}`);
  if (!address.startsWith("//") || !url || url.pathname.endsWith("/")) {
    throw new UserError(`Cannot read model source "${shown}"`, {
      hint: "Write the address of one file: https://HOST/PATH",
    });
  }
  if (url.username || url.password) {
    throw new UserError(`The address of ${shown} has a user or a password in it`, {
      hint: "A spec is no place for secrets: use a source with credentials of its own, such as s3: or hf:.",
    });
  }
  if (!known?.sha256) {
    throw new UserError(`${shown} needs a sha256: nothing else says what the file should be`, {
      hint: `In the spec's files: { "source": "${shown}", "sha256": "…" } with what \`sha256sum\` prints for it.`,
    });
  }
  return url.href;
}

/** The sha256 is the spec's; the server is asked for nothing. */
export async function surveyWeb({ address, paths, known = {} }: SourceRequest): Promise<Survey> {
  return {
    files: Object.fromEntries(
      paths.map((path) => {
        parse(address, known[path]);
        return [path, { ...known[path], version: known[path]?.sha256 }];
      }),
    ),
  };
}

function remedy(error: HttpError, origin: string): string {
  const { status } = error;
  if (status === 404 || status === 410) return "Check the address in the model's spec.";
  if (status !== 401 && status !== 403)
    return `Try again ${waitAsked(error) ? `in ${waitAsked(error)}` : "later"}.`;
  return /^https:\/\/(?:[\w-]+\.)?(?:huggingface\.co|hf\.co)\//.test(origin)
    ? "Take it as hf:OWNER/NAME: that source uses HF_TOKEN."
    : "Check that the file can be had without a login.";
}

/**
 * One file of a web server.
 * @throws UserError (exit 2) when it is not there, (exit 3) when the server does not give it.
 */
export function fetchFromWeb(request: FetchRequest): Promise<FetchedFiles> {
  const urls = Object.fromEntries(
    request.paths.map((path) => [path, parse(request.address, request.known?.[path])]),
  );
  const origin = publicUrl(`https:${request.address}`);
  return transfer(request, {
    origin,
    open: (path) => (offset, signal) => openUrl(urls[path] as string, offset, { signal }),
    explain: (error) => {
      if (!(error instanceof HttpError)) return networkFault(error, `fetch ${origin}`);
      const gone = error.status === 404 || error.status === 410;
      return new UserError(`Cannot fetch ${origin}: ${error.message}`, {
        hint: remedy(error, origin),
        reason: gone ? "usage" : "environment",
        cause: error,
      });
    },
  });
}
