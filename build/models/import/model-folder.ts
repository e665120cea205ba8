import type { ModelSpec } from "../../../models/spec.ts";
import type { Listing, SourceRequest } from "../sources/source.ts";

/** Where a spec finds a file: a path in the model's source, or an address of its own. */
export type FilePlace = ModelSpec["files"][string];

/** The folder of a source that holds a model. */
export interface ModelFolder extends Listing {
  /** As the spec has it; undefined where each file has its own. */
  readonly source?: string;
  /** For messages: `hf:owner/name`, or a folder in it. */
  readonly title: string;
  /** From the folder on. */
  readonly paths: readonly string[];
  /** What the spec says of a file. */
  readonly place: (path: string) => FilePlace;
}

export interface FolderRequest extends Omit<SourceRequest, "address" | "paths" | "known" | "commit"> {
  readonly log: (line: string) => void;
  /** Folder in the source; default: the one with an ONNX file. */
  readonly folder?: string | undefined;
}
