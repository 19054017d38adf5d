/** Why a message is not passed on: our answer to the client. */
export interface Refusal {
  readonly kind: "refused";
  readonly status: number;
  /** One sentence for people. */
  readonly detail: string;
}
