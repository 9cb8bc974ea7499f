"""What own minimal types are made of where no companion model is loaded: bases, states, enumerations, fields.

Facts of the published models, only as far as this project's objects use them; the names are those of the models.
"""

Field = tuple[str, ...]  # name, data type (`[]` is an array, a leading `?` optional), own description where it helps

BASES = {
    "BasicStacklightType": "OrderedListType",
    "LifetimeVariableType": "AnalogUnitType",
    "MachineIdentificationType": "FolderType",
    "MachineToolIdentificationType": "FolderType",
    "MachineryComponentIdentificationType": "FolderType",
    "MachineryLifetimeCounterType": "FolderType",
    "MachineryOperationCounterType": "FolderType",
    "MachineComponentsType": "BaseObjectType",
    "IDeviceHealthType": "BaseInterfaceType",
    **dict.fromkeys(
        (
            "PackMLBaseStateMachineType",
            "PackMLMachineStateMachineType",
            "PackMLExecuteStateMachineType",
            "MachineryItemState_StateMachineType",
            "MachineryOperationModeStateMachineType",
            "ISA95JobOrderReceiverObjectType",
            "VisionStateMachineType",
            "ProductionProgramStateMachineType",
        ),
        "FiniteStateMachineType",
    ),
}

_EXECUTE = [
    "Starting", "Idle", "Suspended", "Execute", "Holding", "Held", "Unholding", "Suspending", "Unsuspending",
    "Resetting", "Completing", "Complete",
]  # fmt: skip

STATE_NUMBERS: dict[str, list[str]] = {
    "PackMLBaseStateMachineType": ["Aborting", "Aborted", "Cleared"],
    "PackMLMachineStateMachineType": ["Clearing", "Stopped", "Stopping", "Running"],
    "PackMLExecuteStateMachineType": _EXECUTE,
    "MachineryItemState_StateMachineType": ["NotAvailable", "OutOfService", "NotExecuting", "Executing"],
    "MachineryOperationModeStateMachineType": ["None", "Maintenance", "Setup", "Processing"],
    "ISA95JobOrderReceiverObjectType": [
        "NotAllowedToStart", "AllowedToStart", "Running", "Interrupted", "Ended", "Aborted",
    ],
    "VisionStateMachineType": ["Preoperational", "Halted", "Error", "Operational"],
    "ProductionProgramStateMachineType": ["Initializing", "Running", "Ended", "Interrupted", "Aborted"],
}  # fmt: skip
# PackML numbers its states by ISA-TR88.00.02; every other machine counts in order
PACKML_NUMBER = {
    "Clearing": 1, "Stopped": 2, "Starting": 3, "Idle": 4, "Suspended": 5, "Execute": 6, "Stopping": 7, "Aborting": 8,
    "Aborted": 9, "Holding": 10, "Held": 11, "Unholding": 12, "Suspending": 13, "Unsuspending": 14, "Resetting": 15,
    "Completing": 16, "Complete": 17, "Running": 18, "Cleared": 19,
}  # fmt: skip
FROM_ZERO = (
    "MachineryItemState_StateMachineType",
    "MachineryOperationModeStateMachineType",
    "ProductionProgramStateMachineType",
)

ENUMERATIONS: dict[str, tuple[str, ...]] = {
    "DeviceHealthEnumeration": ("NORMAL", "FAILURE", "CHECK_FUNCTION", "OFF_SPEC", "MAINTENANCE_REQUIRED"),
    "SignalColor": ("Off", "Red", "Green", "Blue", "Yellow", "Purple", "Cyan", "White"),
    "SignalModeLight": ("Continuous", "Blinking", "Flashing", "Other"),
    "StacklightOperationMode": ("Segmented", "Levelmeter", "Running_Light", "Other"),
    "ProductionMaintenanceModeEnum": ("Invalid", "Produce", "Maintenance", "Manual"),
    "MotionDeviceCategoryEnumeration": ("OTHER", "ARTICULATED_ROBOT", "SCARA_ROBOT", "CARTESIAN_ROBOT"),
    "AxisMotionProfileEnumeration": ("OTHER", "ROTARY", "ROTARY_ENDLESS", "LINEAR", "LINEAR_ENDLESS"),
    "OperationalModeEnumeration": (
        "OTHER",
        "MANUAL_REDUCED_SPEED",
        "MANUAL_HIGH_SPEED",
        "AUTOMATIC",
        "AUTOMATIC_EXTERNAL",
    ),
    "MachineOperationMode": ("Other", "Automatic", "Manual"),
}  # fmt: skip

_QUANTITY: tuple[Field, ...] = (
    ("Quantity", "?DecimalString"),
    ("EngineeringUnits", "?EUInformation"),
    ("Properties", "?JobControl:ISA95PropertyDataType[]"),
)
_PROPERTY: tuple[Field, ...] = (
    ("ID", "String"),
    ("Value", "BaseDataType"),
    ("Description", "?LocalizedText[]"),
    ("EngineeringUnits", "?EUInformation"),
)
_DESCRIBED: tuple[Field, ...] = (("ID", "String"), ("Description", "?LocalizedText[]"))
_ACTUALS = (
    "?JobControl:ISA95PersonnelDataType[]",
    "?JobControl:ISA95EquipmentDataType[]",
    "?JobControl:ISA95PhysicalAssetDataType[]",
    "?JobControl:ISA95MaterialDataType[]",
)

STRUCTURES: dict[str, tuple[Field, ...]] = {
    "PackMLAlarmDataType": (
        ("ID", "Int32"), ("Value", "Int32"), ("Message", "String"), ("Category", "Int32"),
        ("DateTime", "UtcTime"), ("AckDateTime", "UtcTime"), ("Trigger", "Boolean"),
    ),
    "PackMLCountDataType": (
        ("ID", "Int32"), ("Name", "String"), ("Unit", "EUInformation"), ("Count", "Int32"), ("AccCount", "Int32"),
    ),
    "PackMLDescriptorDataType": (("ID", "Int32"), ("Name", "String"), ("Unit", "EUInformation"), ("Value", "Float")),
    "PackMLIngredientsDataType": (("IngredientID", "Int32"), ("Parameter", "PackML:PackMLDescriptorDataType[]")),
    "PackMLProductDataType": (
        ("ProductID", "Int32"),
        ("ProcessVariables", "PackML:PackMLDescriptorDataType[]"),
        ("Ingredients", "PackML:PackMLIngredientsDataType[]"),
    ),
    "ISA95PropertyDataType": (*_PROPERTY, ("Subproperties", "?JobControl:ISA95PropertyDataType[]")),
    "ISA95ParameterDataType": (*_PROPERTY, ("Subparameters", "?JobControl:ISA95ParameterDataType[]")),
    "ISA95PersonnelDataType": (*_DESCRIBED, ("PersonnelUse", "?String"), *_QUANTITY),
    "ISA95EquipmentDataType": (*_DESCRIBED, ("EquipmentUse", "?String"), *_QUANTITY),
    "ISA95PhysicalAssetDataType": (*_DESCRIBED, ("PhysicalAssetUse", "?String"), *_QUANTITY),
    "ISA95MaterialDataType": (
        ("MaterialClassID", "?String"), ("MaterialDefinitionID", "?String"), ("MaterialLotID", "?String"),
        ("MaterialSublotID", "?String"), ("Description", "?LocalizedText[]"), ("MaterialUse", "?String"), *_QUANTITY,
    ),
    "ISA95StateDataType": (("BrowsePath", "RelativePath"), ("StateText", "LocalizedText"), ("StateNumber", "UInt32")),
    "ISA95WorkMasterDataType": (
        ("ID", "String"), ("Description", "?LocalizedText"), ("Parameters", "?JobControl:ISA95ParameterDataType[]"),
    ),
    "ISA95JobOrderDataType": (
        ("JobOrderID", "String"),
        ("Description", "?LocalizedText[]"),
        ("WorkMasterID", "?JobControl:ISA95WorkMasterDataType[]"),
        ("StartTime", "?DateTime"),
        ("EndTime", "?DateTime"),
        ("Priority", "?Int16"),
        ("JobOrderParameters", "?JobControl:ISA95ParameterDataType[]"),
        *zip(("PersonnelRequirements", "EquipmentRequirements", "PhysicalAssetRequirements", "MaterialRequirements"),
             _ACTUALS, strict=True),
    ),
    "ISA95JobOrderAndStateDataType": (
        ("JobOrder", "JobControl:ISA95JobOrderDataType"), ("State", "JobControl:ISA95StateDataType[]"),
    ),
    "ISA95JobResponseDataType": (
        ("JobResponseID", "String"),
        ("Description", "?LocalizedText"),
        ("JobOrderID", "String"),
        ("StartTime", "?DateTime"),
        ("EndTime", "?DateTime"),
        ("JobState", "JobControl:ISA95StateDataType[]"),
        ("JobResponseData", "?JobControl:ISA95ParameterDataType[]"),
        *zip(("PersonnelActuals", "EquipmentActuals", "PhysicalAssetActuals", "MaterialActuals"),
             _ACTUALS, strict=True),
    ),
    # LineLab's own, with and without companion models
    "SetPointDataType": (
        ("Name", "String", "Signal of the station"),
        ("Value", "Double"),
        ("Unit", "EUInformation"),
        ("Low", "Double", "Lowest permitted value"),
        ("High", "Double", "Highest permitted value"),
    ),
    "RecipeDataType": (("Station", "String"), ("SetPoints", "Types:SetPointDataType[]", "All of the station")),
    "QualityResultDataType": (
        ("Made", "UInt32", "Parts started"),
        ("Good", "UInt32"),
        ("Rejected", "UInt32"),
        ("YieldPercent", "Double", "Good parts of all that were judged; 100 before the first"),
    ),
    "InspectionResultDataType": (
        ("Valid", "Boolean", "The sensor shows a result"),
        ("Good", "Boolean", "Its verdict"),
        ("Measurements", "Types:SetPointDataType[]", "What it measured"),
    ),
}  # fmt: skip


def state_number(kind: str, name: str) -> int:
    """The StateNumber of a state of a machine's type."""
    if kind.startswith("PackML"):
        return PACKML_NUMBER[name]
    return STATE_NUMBERS[kind].index(name) + (0 if kind in FROM_ZERO else 1)
