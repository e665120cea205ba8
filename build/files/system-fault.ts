import { getSystemErrorMessage } from "node:util";

/**
 * What the system says of a failed call, in words: `no such file or directory`. Node's own message has the code, the name of the
 * call and the path besides.
 */
export const systemFault = ({ errno, message }: NodeJS.ErrnoException): string =>
  errno === undefined ? message : getSystemErrorMessage(errno);
