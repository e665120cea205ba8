/** Words of the status codes that this program answers with: an ALB wants them. */
export const STATUS_CODES: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  504: "Gateway Timeout",
};
