import { UserError } from "../../build/errors.ts";

/** The error that a user would see; anything else that is thrown, or nothing, fails the test. */
export async function refusal(action: () => unknown): Promise<UserError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("expected a UserError, and nothing was thrown");
}
