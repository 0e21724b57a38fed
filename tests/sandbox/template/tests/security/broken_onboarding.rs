//! Templates that break a promise of onboarding, each with the finding that tells.

/// What the template says, what it would say instead, and how the finding begins.
pub(crate) const CASES: &[(&str, &str, &str)] = &[
    (
        "      # Written out, because the template waits for this permission.\n      SourceArn: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:provisioningtemplate/SCI-Property-Device-Template-${Stage}\n",
        "",
        "ProvisioningHookPermission: no SourceArn",
    ),
    (
        "      # Written out, because the template waits for this permission.\n      SourceArn: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:provisioningtemplate/SCI-Property-Device-Template-${Stage}\n",
        "      SourceArn: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:provisioningtemplate/*\n",
        "ProvisioningHookPermission: lets more than ProvisioningTemplate invoke",
    ),
    (
        "      # Written out, because the template waits for this permission.\n      SourceArn: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:provisioningtemplate/SCI-Property-Device-Template-${Stage}\n",
        "      SourceArn: !GetAtt HighTempRule.Arn\n",
        "ProvisioningTemplate: may not invoke its hook",
    ),
    (
        "    DependsOn: ProvisioningHookPermission\n",
        "",
        "ProvisioningTemplate: is there before its hook",
    ),
    (
        "      PreProvisioningHook:\n        PayloadVersion: '2020-04-01'\n        TargetArn: !GetAtt ProvisioningHookFunction.Arn\n",
        "",
        "ProvisioningTemplate: nobody decides",
    ),
    (
        "          TEMPLATE_NAME: !Sub SCI-Property-Device-Template-${Stage}\n",
        "          TEMPLATE_NAME: SCI-Property-Device-Template\n",
        "ProvisioningHookFunction: believes to decide for another template",
    ),
    (
        "whatever its tables do.\n      Timeout: 5\n",
        "whatever its tables do.\n",
        "ProvisioningHookFunction: may run longer",
    ),
    (
        "          ENROLMENT_AUDIT_TABLE: !Ref EnrolmentAuditTable\n      # AWS IoT invokes it synchronously. Whoever else might invoke it must not make it try again.\n      EventInvokeConfig:\n        MaximumRetryAttempts: 0\n",
        "          ENROLMENT_AUDIT_TABLE: !Ref EnrolmentAuditTable\n      EventInvokeConfig:\n        MaximumRetryAttempts: 1\n",
        "ProvisioningHookFunction: is tried again",
    ),
    (
        "log-group:/aws/lambda/provisioning-hook-${Stage}:*\n",
        "log-group:/aws/lambda/provisioning-hook-${Stage}:*\n              - {Sid: Extra, Effect: Allow, Action: iot:UpdateCertificate, Resource: !GetAtt FleetGroup.Arn}\n",
        "ProvisioningHookRole: a hook needs no iot:UpdateCertificate",
    ),
    (
        "                Action: dynamodb:UpdateItem\n                Resource: !GetAtt IntroducersTable.Arn\n",
        "                Action: dynamodb:UpdateItem\n                Resource: '*'\n",
        "ProvisioningHookRole: dynamodb:UpdateItem on every resource",
    ),
    (
        "      Threshold: 3000\n",
        "      Threshold: 4500\n",
        "ProvisioningHookFunction: nobody notices when it is slow",
    ),
    (
        "      MetricName: Unrecorded\n",
        "      MetricName: Recorded\n",
        "ProvisioningHookFunction: no alarm on Unrecorded",
    ),
    (
        "                - {Name: function, Value: !Ref ProvisioningHookFunction}\n                - {Name: outcome, Value: deny}\n",
        "                - {Name: function, Value: !Ref ProvisioningHookFunction}\n",
        "ProvisioningHookFunction: no alarm on decisions that deny",
    ),
    (
        "        - {Name: function, Value: !Ref JitRegistrationFunction}\n        - {Name: outcome, Value: fail}\n",
        "        - {Name: function, Value: !Ref JitRegistrationFunction}\n",
        "JitRegistrationFunction: no alarm on decisions that fail",
    ),
    (
        "            \"Voucher\": {\"Type\": \"String\", \"Default\": \"\"},\n",
        "            \"Voucher\": {\"Type\": \"String\"},\n",
        "ProvisioningTemplate: the default of Voucher",
    ),
    (
        "            \"ThingName\": {\"Type\": \"String\", \"Default\": \"\"},\n",
        "            \"ThingName\": {\"Type\": \"String\", \"Default\": \"sci-1\"},\n",
        "ProvisioningTemplate: the default of ThingName",
    ),
    (
        "{\"Ref\": \"ThingName\"}",
        "{\"Fn::Join\": [\"\", [\"sci-\", {\"Ref\": \"SerialNumber\"}]]}",
        "ProvisioningTemplate: a thing is not named ThingName",
    ),
    (
        "                \"ThingGroups\": [\"${FleetGroup}\"],\n",
        "                \"ThingGroups\": [{\"Ref\": \"PropertyId\"}],\n",
        "ProvisioningTemplate: puts things into groups",
    ),
    (
        "                \"ThingGroups\": \"MERGE\"\n",
        "                \"ThingGroups\": \"REPLACE\"\n",
        "ProvisioningTemplate: takes things out of groups",
    ),
    (
        "                \"ThingPrincipalType\": \"EXCLUSIVE_THING\"\n",
        "                \"ThingPrincipalType\": \"NON_EXCLUSIVE_THING\"\n",
        "ProvisioningTemplate: takes a certificate otherwise",
    ),
    (
        "              \"OverrideSettings\": {\"Status\": \"DO_NOTHING\"}\n            }\n",
        "              \"OverrideSettings\": {\"Status\": \"DO_NOTHING\"}\n            },\n            \"policy\": {\"Type\": \"AWS::IoT::Policy\", \"Properties\": {\"PolicyName\": \"${DevicePolicy}\"}}\n",
        "ProvisioningTemplate: attaches a policy",
    ),
    (
        "            \"AWS::IoT::Certificate::SerialNumber\": {\"Type\": \"String\"},\n",
        "            \"SerialNumber\": {\"Type\": \"String\"},\n",
        "JitpTemplate: SerialNumber is no part of a subject",
    ),
    (
        "                \"ThingGroups\": \"FAIL\"\n",
        "                \"ThingGroups\": \"MERGE\"\n",
        "JitpTemplate: takes things out of groups, or over",
    ),
    (
        "                Action: [iot:AddThingToThingGroup, iot:UpdateThingGroupsForThing]\n",
        "                Action: iot:*\n",
        "FleetProvisioningRole: action iot:*",
    ),
    (
        "                Action: [iot:AddThingToThingGroup, iot:UpdateThingGroupsForThing]\n",
        "                Action: [iot:AddThingToThingGroup, iot:AttachPolicy]\n",
        "FleetProvisioningRole: iot:AttachPolicy leads",
    ),
    (
        "                Action: iot:DescribeCACertificate\n",
        "                Action: [iot:DescribeCACertificate, iot:UpdateCACertificate]\n",
        "JitRegistrationRole: iot:UpdateCACertificate leads",
    ),
    (
        "                Action: iot:CreateThing\n                Resource: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thing/sci-*\n",
        "                Action: iot:CreateThing\n                Resource: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thing/*\n",
        "JitRegistrationRole: reaches arn:aws:iot:eu-west-1:123456789012:thing/*",
    ),
    (
        "                Action: iot:AddThingToThingGroup\n                Resource:\n                  - !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thing/sci-*\n                  - !GetAtt FleetGroup.Arn\n",
        "                Action: iot:AddThingToThingGroup\n                Resource:\n                  - !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thing/sci-*\n                  - !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thinggroup/*\n",
        "JitRegistrationRole: reaches arn:aws:iot:eu-west-1:123456789012:thinggroup/*",
    ),
    (
        "                Action: iot:DetachThingPrincipal\n                Resource: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:cert/*\n                Condition:\n                  ArnLike:\n                    iot:thingArn: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thing/sci-*\n",
        "                Action: iot:DetachThingPrincipal\n                Resource: !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:cert/*\n",
        "EnrolmentConfirmerRole: iot:DetachThingPrincipal of any thing",
    ),
    (
        "            Principal: {Service: iot.amazonaws.com}\n            Action: sts:AssumeRole\n            Condition:\n              StringEquals:\n                aws:SourceAccount: !Ref AWS::AccountId\n      Policies:\n        - PolicyName: fleet-provisioning\n",
        "            Principal: {Service: iot.amazonaws.com}\n            Action: sts:AssumeRole\n      Policies:\n        - PolicyName: fleet-provisioning\n",
        "FleetProvisioningRole: trust without source condition",
    ),
    (
        ":client/claim-*\n",
        ":client/*\n",
        "ClaimPolicy: allows iot:Connect on client/*",
    ),
    (
        "              - !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:topic/$aws/certificates/create-from-csr/json\n",
        "              - !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:topic/$aws/certificates/create/json\n",
        "ClaimPolicy: allows iot:Publish on topic/$aws/certificates/create/json",
    ),
    (
        "              - !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:topic/$aws/certificates/create-from-csr/json\n",
        "              - !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:topic/$aws/certificates/create-from-csr/*\n",
        "ClaimPolicy: allows iot:Publish on topic/$aws/certificates/create-from-csr/*",
    ),
    (
        "/provision/json/rejected\n          - Effect: Allow\n            Action: iot:Receive\n",
        "/provision/json/rejected\n          - Effect: Allow\n            Action: [iot:Publish, iot:Receive]\n",
        "ClaimPolicy: allows iot:Publish on topic/$aws/certificates/create-from-csr/json/accepted",
    ),
    (
        "topic/$aws/provisioning-templates/${ProvisioningTemplate}/provision/cbor\n",
        "topic/$aws/provisioning-templates/${JitpTemplate}/provision/cbor\n",
        "ClaimCborPolicy: allows iot:Publish on topic/$aws/provisioning-templates/SCI-Property-Jitp",
    ),
    (
        "              - !Sub arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:topicfilter/$aws/certificates/create-from-csr/json/rejected\n",
        "",
        "ClaimPolicy: is no way into a template",
    ),
    (
        "        - {AttributeName: sequence, KeyType: RANGE}\n",
        "        - {AttributeName: sequence, KeyType: RANGE}\n      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}\n",
        "EnrolmentAuditTable: a clock deletes its rows",
    ),
    (
        "        - {AttributeName: sequence, KeyType: RANGE}\n      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}\n      SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt SuiteKey.Arn}\n      DeletionProtectionEnabled: !If [IsProduction, true, false]\n",
        "        - {AttributeName: sequence, KeyType: RANGE}\n      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}\n      SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt SuiteKey.Arn}\n",
        "EnrolmentAuditTable: no deletion protection",
    ),
    (
        "          Projection: {ProjectionType: KEYS_ONLY}\n      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}\n",
        "          Projection: {ProjectionType: KEYS_ONLY}\n",
        "DeviceAllowListTable: no recovery",
    ),
    (
        "                  - !Sub arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/jit-registration-${Stage}\n",
        "",
        "JitRegistrationLogGroup: the key refuses it",
    ),
    (
        "          - Lambda:\n              FunctionArn: !GetAtt EnrolmentConfirmerFunction.Arn\n",
        "          - Republish: {Topic: sci/properties/x/certificate/commit, RoleArn: r}\n",
        "EnrolmentCommitRule: republishes to sci/properties/x/certificate/commit",
    ),
    (
        "          OPERATIONS_TOPIC_ARN: !Ref OperationsTopic\n",
        "          OPERATIONS_TOPIC_ARN: !Ref SecurityAlertsTopic\n",
        "EnrolmentConfirmerFunction: OPERATIONS_TOPIC_ARN without permission",
    ),
];
