//! Checks that an authorizer can leave out or get wrong, and the group of rows that must notice each.

/// Defines the mistakes and the groups side by side, so that none is without one.
macro_rules! flaws {
    ($($group:literal: $($flaw:ident,)+)+) => {
        /// A mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Flaw {
            $($($flaw,)+)+
        }

        impl Flaw {
            /// Every mistake with its group.
            pub(crate) const ALL: &[(Self, &str)] = &[$($((Self::$flaw, $group),)+)+];
        }
    };
}

flaws! {
    "alg":
    AdmitsEverybody,
    AdmitsNobody,
    NoneAccepted,
    PublicKeyAsSecret,
    AlgFromHeader,
    AlgInAnyCase,
    SignatureOptional,
    "header-keys":
    KeyFromHeader,
    FetchesKeys,
    TriesEveryKey,
    KidInAnyCase,
    KidByPrefix,
    "header-extensions":
    CritIgnored,
    B64Ignored,
    ZipIgnored,
    EncIgnored,
    CtyIgnored,
    TypIgnored,
    "encoding":
    PaddingAccepted,
    StandardAlphabetAccepted,
    TrailingBitsAccepted,
    WhitespaceAccepted,
    MoreSegmentsAccepted,
    InvalidUtf8Replaced,
    SizeUnlimited,
    "json":
    LastMemberWins,
    DepthUnlimited,
    TrailingBytesAccepted,
    "issuer":
    IssuerByPrefix,
    IssuerByPart,
    IssuerInAnyCase,
    IssuerWithoutSlash,
    IssuerTrimmed,
    IssuerInList,
    IssuerOptional,
    AudienceIgnored,
    AudienceOptional,
    AudienceByPart,
    AudienceInAnyCase,
    AudienceWithOddNeighbours,
    AudienceUnlimited,
    "time":
    ExpiryIgnored,
    ExpiryOptional,
    ExpiryAsText,
    ExpiryInMilliseconds,
    LeewayOfAMinute,
    LeewayInclusive,
    NoLeeway,
    NotBeforeIgnored,
    NotBeforeAsText,
    IssuedAtIgnored,
    IssuedAtOptional,
    LifetimeUnlimited,
    NegativeTimes,
    "subject":
    AnySubject,
    ClientIdIgnored,
    ClientIdByPrefix,
    ClientIdInAnyCase,
    PlacementIgnored,
    AnyProperty,
    AnyTokenId,
    ScopesInList,
    ScopesByAnySpace,
    ScopesInAnyCase,
    NoScopeNeeded,
    "signatures":
    AnySignature,
    ZeroSignatures,
    DerSignatures,
    TrimmedSignatures,
    OnlyLowS,
    ScalarReduced,
    AnySalt,
    PaddingOfPkcs1Unchecked,
    "sources":
    FirstSourceWins,
    LastHeaderWins,
    OtherSchemesIgnored,
    TokenInQuery,
    PasswordsLenient,
    "events":
    SigningNotRequired,
    VerifiedIsEnough,
    VerifiedAsText,
    CertificateIsEnough,
    AnyPrincipal,
    "revocation":
    RevokedIssuersIgnored,
    RevokedKeysIgnored,
    RevokedThingsIgnored,
    RevokedTokensIgnored,
    EndOfRevocationIgnored,
    IssuedBeforeIgnored,
    "stores":
    AdmitsWhenInDoubt,
    "devices":
    RecordedScopesIgnored,
    RecordedPropertyIgnored,
    KeysOfAnyDevice,
    WeakKeysUsed,
    SharedKidsUsed,
}
