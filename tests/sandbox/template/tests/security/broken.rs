//! Templates that break a promise, each with the finding that tells.

/// What the template says, what it would say instead, and how the finding begins.
pub(crate) const CASES: &[(&str, &str, &str)] = &[
    (
        "      SourceAccount: !Ref AWS::AccountId\n      SourceArn: !GetAtt HighTempRule.Arn\n",
        "",
        "HighTempRulePermission: no SourceArn",
    ),
    (
        "                aws:SourceArn: !GetAtt HighTempSweepGroup.Arn\n",
        "                aws:SourceArn: arn:aws:scheduler:eu-west-1:123456789012:schedule-group/other\n",
        "HighTempSweepRole: arn:aws:scheduler:eu-west-1:123456789012:schedule-group/other is nothing",
    ),
    (
        "            Principal: {Service: lambda.amazonaws.com}\n            Action: sts:AssumeRole\n            Condition:\n              StringEquals:\n                aws:SourceAccount: !Ref AWS::AccountId\n",
        "            Principal: {Service: lambda.amazonaws.com}\n            Action: sts:AssumeRole\n",
        "HighTempProcessorRole: trust without source condition",
    ),
    (
        "Action: dynamodb:BatchGetItem\n",
        "Action: dynamodb:*\n",
        "HighTempProcessorRole: action dynamodb:*",
    ),
    (
        "                Action: sns:Publish\n                Resource: !Ref TemperatureAlarmsTopic\n",
        "                Action: sns:Publish\n                Resource: '*'\n",
        "HighTempProcessorRole: sns:Publish on every resource",
    ),
    (
        "                Action: sns:Publish\n                Resource: !Ref TemperatureAlarmsTopic\n",
        "                Action: sns:Publish\n                Resource: !Ref SecurityAlertsTopic\n",
        "HighTempProcessorFunction: ALARM_TOPIC_ARN without permission",
    ),
    (
        "      Role: !GetAtt SecurityAlertProcessorRole.Arn\n",
        "      Role: !GetAtt HighTempProcessorRole.Arn\n",
        "SecurityAlertProcessorFunction: shares its role",
    ),
    (
        "      RetentionInDays: !Ref LogRetentionDays\n",
        "",
        "HighTempProcessorFunction: no log group with retention",
    ),
    (
        "        DestinationConfig:\n          OnFailure:\n            Type: SQS\n            Destination: !GetAtt FunctionFailuresQueue.Arn\n",
        "",
        "HighTempProcessorFunction: no failure destination",
    ),
    (
        "                  - !GetAtt FunctionFailuresQueue.Arn\n",
        "",
        "HighTempProcessorFunction: may not send to its failure destination",
    ),
    (
        "      MetricName: Errors\n",
        "      MetricName: Duration\n",
        "HighTempProcessorFunction: no alarm on Errors",
    ),
    (
        "        ErrorAction:\n          Sqs:\n            QueueUrl: !Ref RuleErrorsQueue\n            RoleArn: !GetAtt RuleErrorsRole.Arn\n            UseBase64: false\n",
        "",
        "HighTempRule: no error action",
    ),
    (
        "          - Lambda:\n              FunctionArn: !GetAtt HighTempProcessorFunction.Arn\n",
        "          - Republish: {Topic: sensors/x/data, RoleArn: r}\n",
        "HighTempRule: republishes to sensors/x/data",
    ),
    (
        "          - Lambda:\n              FunctionArn: !GetAtt HighTempProcessorFunction.Arn\n",
        "          - Lambda:\n              FunctionArn: !GetAtt SecurityAlertProcessorFunction.Arn\n",
        "HighTempRule: may not invoke its function",
    ),
    (
        "      QueueName: !Sub sci-refused-messages-${Stage}\n      MessageRetentionPeriod: 1209600\n      KmsMasterKeyId: !GetAtt SuiteKey.Arn\n",
        "      QueueName: !Sub sci-refused-messages-${Stage}\n",
        "RefusedMessagesQueue: not encrypted",
    ),
    (
        "      TopicName: !Sub SCI-Security-Alerts-${Stage}\n      KmsMasterKeyId: !GetAtt SuiteKey.Arn\n",
        "      TopicName: !Sub SCI-Security-Alerts-${Stage}\n",
        "SecurityAlertsTopic: not encrypted",
    ),
    (
        "      SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt SuiteKey.Arn}\n",
        "",
        "HighTempsTable: not encrypted",
    ),
    (
        "              - !GetAtt RuleErrorsQueue.Arn\n            Condition:\n              Bool",
        "            Condition:\n              Bool",
        "RuleErrorsQueue: reachable without TLS",
    ),
    (
        "PointInTimeRecoveryEnabled: true",
        "PointInTimeRecoveryEnabled: false",
        "HighTempsTable: no recovery",
    ),
    (
        "        DeadLetterConfig:\n          Arn: !GetAtt FunctionFailuresQueue.Arn\n",
        "",
        "HighTempSweepSchedule: loses",
    ),
    (
        "rule/SCI_High_Temp_Rule_${Stage}",
        "rule/*",
        "RuleErrorsRole: arn:aws:iot:eu-west-1:123456789012:rule/* is nothing",
    ),
    (
        "                Condition:\n                  StringEquals:\n                    kms:ViaService:\n                      - !Sub dynamodb.${AWS::Region}.amazonaws.com\n                      - !Sub sns.${AWS::Region}.amazonaws.com\n                      - !Sub sqs.${AWS::Region}.amazonaws.com\n",
        "",
        "HighTempProcessorRole: kms:Decrypt not only through services",
    ),
    (
        "      SourceAccount: !Ref AWS::AccountId\n      SourceArn: !GetAtt JwtAuthorizer.Arn\n",
        "",
        "JwtAuthorizerPermission: no SourceArn",
    ),
    (
        "      SourceArn: !GetAtt JwtAuthorizer.Arn\n",
        "      SourceArn: !GetAtt HighTempRule.Arn\n",
        "JwtAuthorizer: may not invoke its function",
    ),
    (
        "      SourceArn: !GetAtt JwtAuthorizer.Arn\n",
        "      SourceArn: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:authorizer/*\n",
        "JwtAuthorizerPermission: lets more than JwtAuthorizer invoke",
    ),
    (
        "      EnableCachingForHttp: false\n",
        "      EnableCachingForHttp: true\n",
        "JwtAuthorizer: a cached answer",
    ),
    (
        "        AllowAuthorizerOverride: false\n",
        "        AllowAuthorizerOverride: true\n",
        "JwtDomainConfiguration: a client may choose",
    ),
    (
        "        DefaultAuthorizerName: !Ref JwtAuthorizer\n",
        "",
        "JwtDomainConfiguration: a client may choose",
    ),
    (
        "      Timeout: 5\n",
        "",
        "JwtAuthorizerFunction: may run longer",
    ),
    (
        "        MaximumRetryAttempts: 0\n",
        "        MaximumRetryAttempts: 1\n",
        "JwtAuthorizerFunction: is tried again",
    ),
    (
        "                Action: dynamodb:BatchGetItem\n                Resource: !GetAtt RevocationsTable.Arn\n",
        "                Action: [dynamodb:BatchGetItem, dynamodb:PutItem]\n                Resource: !GetAtt RevocationsTable.Arn\n",
        "JwtAuthorizerRole: an authorizer needs no dynamodb:PutItem",
    ),
    (
        "                Resource: !GetAtt DeviceKeysTable.Arn\n",
        "                Resource: !GetAtt RevocationsTable.Arn\n",
        "JwtAuthorizerFunction: DEVICE_KEYS_TABLE without permission",
    ),
    (
        "          TOKEN_SIGNING: !If [HasTokenSigning, required, disabled]\n",
        "          TOKEN_SIGNING: required\n",
        "JwtAuthorizerFunction: believes otherwise",
    ),
    (
        "                - HasJwtKeysParameter\n                - Sid",
        "                - HasThingTypes\n                - Sid",
        "JwtAuthorizerRole: reads other keys",
    ),
    (
        "          JWT_ISSUERS: !Ref JwtIssuers\n",
        "          JWT_ISSUERS: !Ref JwtIssuers\n          ANYTHING: !Ref AlarmsTable\n",
        "JwtAuthorizerFunction: ANYTHING without permission",
    ),
    (
        "          TOKEN_SIGNING: !If",
        "          ISSUER_TOKEN: x\n          TOKEN_SIGNING: !If",
        "JwtAuthorizerFunction: secret in ISSUER_TOKEN",
    ),
    (
        "      MetricName: StaleKeys\n",
        "      MetricName: Staleness\n",
        "JwtAuthorizerFunction: no alarm on StaleKeys",
    ),
    (
        "                - {Name: outcome, Value: deny}\n",
        "                - {Name: outcome, Value: denied}\n",
        "JwtAuthorizerFunction: no alarm on decisions that deny",
    ),
    (
        "        - {Name: outcome, Value: fail}\n",
        "",
        "JwtAuthorizerFunction: no alarm on decisions that fail",
    ),
    (
        "Duration\n",
        "MaxMemoryUsed\n",
        "JwtAuthorizerFunction: no alarm on Duration",
    ),
];
