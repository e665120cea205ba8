/** A repository of the hub at a revision: branch, tag or commit. */
export interface HubAddress {
  readonly repo: string;
  readonly revision: string;
}
