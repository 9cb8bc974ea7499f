"""OPC UA Alarms and Conditions (OPC 10000-9): a condition for each alarm of the line, its events and its methods."""
