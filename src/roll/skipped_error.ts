/** Why a roll is called off: somebody does not want its version any more. */
export class SkippedError extends Error {
  override readonly name = "SkippedError";

  constructor(id: string) {
    super(`${id} is skipped`);
  }
}
