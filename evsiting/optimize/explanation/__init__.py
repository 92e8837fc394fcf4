"""Why a study has no plan, and the smallest changes of its tables that give it one."""
