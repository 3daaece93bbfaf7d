// A reason to stop that the person at the keyboard can act on: printed without a stack trace.

/** @property remedy what to do about it; one line each */
export class SetupFailure extends Error {
  constructor(message, remedy = []) {
    super(message);
    this.name = "SetupFailure";
    this.remedy = remedy;
  }
}
