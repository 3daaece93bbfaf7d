/**
 * What differs between the pinned release and the server of the recordings, one flag each: the table at the end of the
 * HTTP contract. Routes ask for a flag by its name and never for the profile's name.
 */
export interface Profile {
  readonly name: ProfileName;
  /** GET outside /api answers 200 with a web page (the image does; the recorded server had no web page). */
  readonly servesWebPage: boolean;
  /** `POST /api/v1/admin/bootstrap` keeps a hash of the password, so that the administrator can log in (upstream PR #6221). */
  readonly bootstrapKeepsPassword: boolean;
  /** Identity tokens carry organization, method and life time themselves and always expire after 90 days at most. */
  readonly selfContainedTokens: boolean;
  /** Tokens without `exp` are refused from this instant on; undefined: never. */
  readonly endOfUnlimitedTokens: Date | undefined;
  /** Messages of 401 for a token that was revoked, or whose identity or auth method is gone. */
  readonly revokedTokenMessage: string;
  readonly removedAuthMethodMessage: string;
  /** Revoking a client secret ends the tokens that it gave out. */
  readonly revokedSecretKillsTokens: boolean;
  /** Uses of a client secret without a limit are counted once in ten seconds at most. */
  readonly secretUsesAreDebounced: boolean;
  /** Renewing past the max TTL gives what is left of it; otherwise it is refused and the token is deleted. */
  readonly renewShrinksToMaxTtl: boolean;
  readonly usedUpTokenMessage: string;
  /** A token whose uses are used up is deleted. */
  readonly usedUpTokenIsDeleted: boolean;
  /** Deleting an environment keeps it, and its slug, for 14 days. */
  readonly environmentsAreDeletedSoftly: boolean;
  /** Longest `projectName` on create; undefined: no limit. */
  readonly projectNameMaxLength: number | undefined;
  /** Users see an automatic "Certificate Manager" project in every organization. */
  readonly certificateManagerProject: boolean;
  /** A secret's name is unique in its folder in the database; otherwise concurrent creates may leave duplicates. */
  readonly secretNamesAreUnique: boolean;
  /** `/api/status` tells the longest life of an identity token. */
  readonly statusTellsMaxTokenTtl: boolean;
  /** Routes that are newer than the pin (environment by slug, announcement, …). */
  readonly servesRoutesAfterPin: boolean;
}

export type ProfileName = "v0.159.22" | "recorded";

const DAY_MS = 86_400_000;
/** MAX_MACHINE_IDENTITY_TOKEN_AGE of the recorded server. */
export const MAX_IDENTITY_TOKEN_AGE_SECONDS = 90 * 86_400;

const pinned: Profile = {
  name: "v0.159.22",
  servesWebPage: true,
  bootstrapKeepsPassword: false,
  selfContainedTokens: false,
  endOfUnlimitedTokens: undefined,
  revokedTokenMessage: "No identity access token found",
  removedAuthMethodMessage: "No identity access token found",
  revokedSecretKillsTokens: false,
  secretUsesAreDebounced: false,
  renewShrinksToMaxTtl: false,
  usedUpTokenMessage: "Unable to renew because access token number of uses limit reached",
  usedUpTokenIsDeleted: true,
  environmentsAreDeletedSoftly: false,
  projectNameMaxLength: undefined,
  certificateManagerProject: false,
  secretNamesAreUnique: false,
  statusTellsMaxTokenTtl: false,
  servesRoutesAfterPin: false,
};

const recorded: Profile = {
  name: "recorded",
  servesWebPage: false,
  bootstrapKeepsPassword: true,
  selfContainedTokens: true,
  endOfUnlimitedTokens: undefined,
  revokedTokenMessage: "Failed to authorize: token has been revoked",
  removedAuthMethodMessage: "Failed to authorize: auth method has been revoked",
  revokedSecretKillsTokens: true,
  secretUsesAreDebounced: true,
  renewShrinksToMaxTtl: true,
  usedUpTokenMessage: "Failed to authorize: token usage limit reached",
  usedUpTokenIsDeleted: false,
  environmentsAreDeletedSoftly: true,
  projectNameMaxLength: 64,
  certificateManagerProject: true,
  secretNamesAreUnique: true,
  statusTellsMaxTokenTtl: true,
  servesRoutesAfterPin: true,
};

/**
 * @param enforcedAt date from which the recorded server begins to count the age of tokens without `exp`; the recordings
 * were made with it moved far into the future, which is the default here. The real default is 2026-05-04.
 */
export function profileNamed(name: ProfileName, enforcedAt?: string): Profile {
  if (name === "v0.159.22") return pinned;
  if (enforcedAt === undefined) return recorded;
  const end = new Date(new Date(enforcedAt).getTime() + (MAX_IDENTITY_TOKEN_AGE_SECONDS / 86_400) * DAY_MS);
  return { ...recorded, endOfUnlimitedTokens: end };
}
