export type ActorKind = "user" | "identity";
export type Actor = UserActor | IdentityActor;

export interface UserActor {
  readonly kind: "user";
  readonly id: string;
  readonly email: string;
  readonly sessionId: string;
  /** null: the token is not scoped to an organization yet. */
  readonly orgId: string | null;
  readonly isSuperAdmin: boolean;
}

export interface IdentityActor {
  readonly kind: "identity";
  readonly id: string;
  readonly name: string;
  readonly orgId: string;
  readonly tokenId: string;
  /** "universal-auth" or "token-auth" */
  readonly authMethod: string;
}
